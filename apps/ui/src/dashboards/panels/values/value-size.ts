import type { DisplayValue } from "@narthex/dashboards";
import { fittingSize, measureText, type TextMeasure, type TextRoom } from "../../plot/fitting-text.ts";

/** How great units are beside their numbers. */
export const UNIT_SCALE = 0.7;

/** The parts of a value's text. */
export type ValueParts = Pick<DisplayValue, "prefix" | "text" | "suffix">;

export const VALUE_WEIGHT = 500;

/** Texts are set side by side, units smaller. */
export const partsWidth = (parts: ValueParts, size: number, weight: number, measure: TextMeasure): number =>
  measure(parts.prefix, size * UNIT_SCALE, weight) +
  measure(parts.text, size, weight) +
  measure(parts.suffix, size * UNIT_SCALE, weight);

/** The greatest font size at which a value fits into its room. */
export const fittingValueSize = (parts: ValueParts, room: TextRoom, measure: TextMeasure = measureText): number =>
  fittingSize(parts.text, { weight: VALUE_WEIGHT, ...room }, (_, size, weight) =>
    partsWidth(parts, size, weight, measure),
  );

/** Of sizes in which texts are compared. */
const COMPARED = 40;

/** The widest of values: at its size all of them fit. */
export function widestValue(values: readonly ValueParts[], measure: TextMeasure = measureText): ValueParts {
  let widest: ValueParts = { prefix: "", text: "", suffix: "" };
  let most = 0;
  for (const value of values) {
    const width = partsWidth(value, COMPARED, VALUE_WEIGHT, measure);
    if (width > most) [widest, most] = [value, width];
  }
  return widest;
}

/** The widest of plain texts. */
export function widestText(texts: readonly string[], measure: TextMeasure = measureText): string {
  let widest = "";
  let most = 0;
  for (const text of texts) {
    const width = measure(text, COMPARED, 400);
    if (width > most) [widest, most] = [text, width];
  }
  return widest;
}
