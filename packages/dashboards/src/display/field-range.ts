import type { Field, Frame, NumericField } from "../frame/frame.ts";
import type { FieldConfig } from "../model/field-config.ts";
import { numberAt } from "../reduce/null-value.ts";

/** The range of values in which a field is drawn, coloured and converted to percent. */
export interface FieldRange {
  readonly min: number;
  readonly max: number;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && !Number.isNaN(value);

/** Range of a field without numbers and without limits: 0 to 100, as for percentages. */
const PERCENT: FieldRange = { min: 0, max: 100 };

/** Returns the lowest and highest value of the columns, or undefined if there are no values. */
function extremes(fields: readonly NumericField[]): FieldRange | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const { values, nulls, config } of fields) {
    const isNullZero = config.nullValueMode === "null as zero";
    for (let row = 0; row < values.length; row++) {
      const value = numberAt(values, nulls, row) ?? (isNullZero ? 0 : NaN);
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min > max ? undefined : { min, max };
}

/** Returns the range of a field: the limits in its settings take precedence over those of its values. */
function withSettings({ min, max }: FieldConfig, found: FieldRange): FieldRange {
  return { min: isNumber(min) ? min : found.min, max: isNumber(max) ? max : found.max };
}

const NO_VALUES: FieldRange = { min: 0, max: 0 };

/**
 * Returns a field's own range, from its settings or else from its values. For texts and times that have no settings,
 * the range is 0 to 100.
 */
export function ownRange(field: Field): FieldRange {
  if (field.type !== "number") return PERCENT;
  const { min, max } = field.config;
  if (isNumber(min) && isNumber(max)) return { min, max };
  return withSettings(field.config, field.values.length === 0 ? PERCENT : (extremes([field]) ?? NO_VALUES));
}

/**
 * Computes the value ranges of fields in frames that are shown together. If a field has no min or max setting, its
 * range is that of all numbers in the frames, or of its own numbers if `fieldMinMax` is set.
 */
export class FieldRanges {
  readonly #frames: readonly Frame[];
  #all: FieldRange | undefined;

  constructor(frames: readonly Frame[]) {
    this.#frames = frames;
  }

  rangeOf(field: Field): FieldRange {
    const { min, max, fieldMinMax } = field.config;
    if (isNumber(min) && isNumber(max)) return { min, max };
    if (field.type !== "number" || fieldMinMax === true) return ownRange(field);
    // Computes the range of all values once, when the first field needs it.
    this.#all ??= extremes(this.#frames.flatMap(({ fields }) => fields.filter(isNumberField))) ?? NO_VALUES;
    return withSettings(field.config, this.#all);
  }
}

const isNumberField = (field: Field): field is NumericField => field.type === "number";
