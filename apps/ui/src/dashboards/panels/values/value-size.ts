import type { DisplayValue } from "@narthex/dashboards";
import { fittingSize, measureText, type TextMeasure, type TextRoom } from "../../plot/fitting-text.ts";

/** Font size of units relative to their numbers. */
export const UNIT_SCALE = 0.7;

/** The parts of a value's text: the number, and the unit before or after it. */
export type ValueParts = Pick<DisplayValue, "prefix" | "text" | "suffix">;

export const VALUE_WEIGHT = 500;

/** Returns the total width of the number and its unit. The unit has a smaller font size than the number. */
export const partsWidth = (parts: ValueParts, size: number, weight: number, measure: TextMeasure): number =>
  measure(parts.prefix, size * UNIT_SCALE, weight) +
  measure(parts.text, size, weight) +
  measure(parts.suffix, size * UNIT_SCALE, weight);

/** Returns the largest font size at which a value fits. */
export const fittingValueSize = (parts: ValueParts, room: TextRoom, measure: TextMeasure = measureText): number =>
  fittingSize(parts.text, { weight: VALUE_WEIGHT, ...room }, (_, size, weight) =>
    partsWidth(parts, size, weight, measure),
  );

/** Font size in pixels at which the widths of texts are compared. */
const COMPARED = 40;

/** Returns the value with the widest text. All other values fit at a font size at which this value fits. */
export function widestValue(values: readonly ValueParts[], measure: TextMeasure = measureText): ValueParts {
  let widest: ValueParts = { prefix: "", text: "", suffix: "" };
  let most = 0;
  for (const value of values) {
    const width = partsWidth(value, COMPARED, VALUE_WEIGHT, measure);
    if (width > most) [widest, most] = [value, width];
  }
  return widest;
}

export function widestText(texts: readonly string[], measure: TextMeasure = measureText): string {
  let widest = "";
  let most = 0;
  for (const text of texts) {
    const width = measure(text, COMPARED, 400);
    if (width > most) [widest, most] = [text, width];
  }
  return widest;
}
