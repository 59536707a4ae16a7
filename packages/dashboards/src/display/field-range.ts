import type { Field, Frame, NumericField } from "../frame/frame.ts";
import type { FieldConfig } from "../model/field-config.ts";
import { numberAt } from "../reduce/null-value.ts";

/** Between which values a field is drawn, coloured and measured in percent. */
export interface FieldRange {
  readonly min: number;
  readonly max: number;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && !Number.isNaN(value);

/** Where nothing is known: percent. */
const PERCENT: FieldRange = { min: 0, max: 100 };

/** The least and greatest of columns' values; undefined of no values. */
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

/** What is set goes before what is found. */
function withSettings({ min, max }: FieldConfig, found: FieldRange): FieldRange {
  return { min: isNumber(min) ? min : found.min, max: isNumber(max) ? max : found.max };
}

const NO_VALUES: FieldRange = { min: 0, max: 0 };

/** A field's range by itself: its settings, else its values. Of texts and times that have no settings, percent. */
export function ownRange(field: Field): FieldRange {
  if (field.type !== "number") return PERCENT;
  const { min, max } = field.config;
  if (isNumber(min) && isNumber(max)) return { min, max };
  return withSettings(field.config, field.values.length === 0 ? PERCENT : (extremes([field]) ?? NO_VALUES));
}

/**
 * Ranges of the fields of frames that are shown together: where a field has no min or max of its own, that of all
 * numbers, unless it is set to go by its own (`fieldMinMax`).
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
    // One pass over all values, for whichever field asks first.
    this.#all ??= extremes(this.#frames.flatMap(({ fields }) => fields.filter(isNumberField))) ?? NO_VALUES;
    return withSettings(field.config, this.#all);
  }
}

const isNumberField = (field: Field): field is NumericField => field.type === "number";
