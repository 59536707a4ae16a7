import { type Field, isNumeric, type NumericField } from "../frame/frame.ts";
import { allValues, changeCount, distinctCount, uniqueValues } from "./distinct.ts";
import { type NullValueMode, numberAt } from "./null-value.ts";
import { type Extent, endValue, extentOf, minPositive, type Movement, movementOf } from "./number-passes.ts";
import { medianOf, percentileOf, sortedNumbers, varianceOf } from "./order-statistics.ts";
import { findReducer } from "./reducers.ts";

/** Results of reducers for a column without rows, by id. For all other reducers the result is null. */
const ofNothing = new Map<string, unknown>([
  ["sum", 0],
  ["count", 0],
  ["countAll", 0],
  ["nonNullCount", 0],
  ["distinctCount", 0],
  ["changeCount", 0],
  ["allIsZero", false],
  ["allIsNull", true],
  ["allValues", []],
  ["uniqueValues", []],
]);

/** Ids of reducers that dashboards can contain, although the editor does not offer them. */
const unlisted = new Set(["previousDeltaUp", "nonNullCount"]);

/**
 * Applies reducers, such as mean or last, to a column. Returns the results by the requested ids; unknown ids are
 * absent. Work that several reducers share, such as a pass over the values or sorting, is done once, and only if it is
 * needed.
 */
export function reduceField(
  field: Field,
  ids: readonly string[],
  mode: NullValueMode = field.config.nullValueMode ?? "connected",
): ReadonlyMap<string, unknown> {
  const reduction = isNumeric(field) ? new NumericReduction(field, mode) : new Reduction(field, mode);
  const results = new Map<string, unknown>();
  for (const requested of ids) {
    if (results.has(requested)) continue;
    const id = findReducer(requested)?.id ?? (unlisted.has(requested) ? requested : undefined);
    if (id === undefined) continue;
    results.set(requested, field.values.length === 0 ? (ofNothing.get(id) ?? null) : reduction.result(id));
  }
  return results;
}

/** Reduces a column to one value. Returns null for an unknown reducer. */
export const reduceTo = (field: Field, id: string): unknown => reduceField(field, [id]).get(id) ?? null;

/** Returns the difference between the last and the first value, and the difference as a fraction of the first value. */
function difference(first: unknown, last: unknown): { readonly diff: number | null; readonly percent: number } {
  if (typeof first !== "number" || typeof last !== "number") return { diff: null, percent: 0 };
  return { diff: last - first, percent: ((last - first) / first) * 100 };
}

/**
 * Computes results for a column that has rows. The reducers in this class also apply to values that are not numbers.
 */
class Reduction {
  readonly mode: NullValueMode;
  readonly #field: Field;

  constructor(field: Field, mode: NullValueMode) {
    this.#field = field;
    this.mode = mode;
  }

  /** @param id id of a reducer */
  result(id: string): unknown {
    const field = this.#field;
    switch (id) {
      case "first":
        return this.valueAt(0);
      case "last":
        return this.valueAt(field.values.length - 1);
      case "firstNotNull":
        return this.firstValue();
      case "lastNotNull":
        return this.lastValue();
      case "diff":
        return difference(this.firstValue(), this.lastValue()).diff;
      case "diffperc":
        return difference(this.firstValue(), this.lastValue()).percent;
      case "count":
        return this.count();
      case "countAll":
        return field.values.length;
      case "changeCount":
        return changeCount(field, this.mode);
      case "distinctCount":
        return distinctCount(field, this.mode);
      case "allValues":
        return allValues(field);
      case "uniqueValues":
        return uniqueValues(field);
      default:
        return this.number(id);
    }
  }

  /**
   * Returns the result of a reducer that applies only to numbers. This column contains no numbers, so the result is the
   * same as for a column without values.
   */
  number(id: string): unknown {
    if (id === "allIsNull" || id === "previousDeltaUp") return true;
    if (id === "allIsZero") return false;
    return ["sum", "delta", "variance", "stdDev", "nonNullCount"].includes(id) ? 0 : null;
  }

  count(): number {
    if (this.mode !== "connected") return this.#field.values.length;
    let count = 0;
    for (let row = 0; row < this.#field.values.length; row++) if (this.valueAt(row) !== null) count++;
    return count;
  }

  valueAt(row: number): unknown {
    return this.#field.values[row] ?? null;
  }

  firstValue(): unknown {
    for (let row = 0; row < this.#field.values.length; row++) {
      const value = this.#counted(row);
      if (value !== null) return value;
    }
    return null;
  }

  lastValue(): unknown {
    for (let row = this.#field.values.length - 1; row >= 0; row--) {
      const value = this.#counted(row);
      if (value !== null) return value;
    }
    return null;
  }

  #counted(row: number): unknown {
    const value = this.valueAt(row) ?? (this.mode === "null as zero" ? 0 : null);
    return Number.isNaN(value) ? null : value;
  }
}

class NumericReduction extends Reduction {
  readonly #field: NumericField;
  #extent: Extent | undefined;
  #movement: Movement | undefined;
  #sorted: Float64Array | undefined;
  #variance: number | undefined;

  constructor(field: NumericField, mode: NullValueMode) {
    super(field, mode);
    this.#field = field;
  }

  override valueAt(row: number): unknown {
    return numberAt(this.#field.values, this.#field.nulls, row);
  }

  override count(): number {
    return this.#pass().count;
  }

  override firstValue(): unknown {
    return endValue(this.#field.values, this.#field.nulls, this.mode, false);
  }

  override lastValue(): unknown {
    return endValue(this.#field.values, this.#field.nulls, this.mode, true);
  }

  override number(id: string): unknown {
    const { values, nulls } = this.#field;
    if (id === "delta" || id === "step" || id === "previousDeltaUp") {
      this.#movement ??= movementOf(values, nulls, this.mode);
      return this.#movement[id === "previousDeltaUp" ? "isRising" : id];
    }
    if (id === "variance" || id === "stdDev") {
      this.#variance ??= varianceOf(values, nulls);
      return id === "variance" ? this.#variance : Math.sqrt(this.#variance);
    }
    const share = id === "median" ? undefined : percentileShare(id);
    if (id === "median" || share !== undefined) {
      this.#sorted ??= sortedNumbers(values, nulls, this.mode);
      return share === undefined ? medianOf(this.#sorted) : percentileOf(this.#sorted, share);
    }
    return this.#extentResult(id);
  }

  #extentResult(id: string): unknown {
    const { sum, min, max, valueCount } = this.#pass();
    switch (id) {
      case "sum":
        return sum;
      case "min":
        return min;
      case "max":
        return max;
      case "mean":
        return valueCount === 0 ? null : sum / valueCount;
      case "range":
        return min === null || max === null ? null : max - min;
      case "logmin":
        return min !== null && min > 0 ? min : minPositive(this.#field.values, this.#field.nulls);
      case "allIsZero":
        return min === 0 && max === 0;
      case "allIsNull":
        return valueCount === 0;
      default:
        return valueCount;
    }
  }

  #pass(): Extent {
    return (this.#extent ??= extentOf(this.#field.values, this.#field.nulls, this.mode));
  }
}

/** Returns the fraction for the id of a percentile: 0.95 for `p95`. Returns undefined for other ids. */
function percentileShare(id: string): number | undefined {
  const percent = id.startsWith("p") ? Number(id.slice(1)) : NaN;
  return Number.isInteger(percent) ? percent / 100 : undefined;
}
