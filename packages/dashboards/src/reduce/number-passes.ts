import type { NullValueMode } from "./null-value.ts";

/** The count, sum, minimum and maximum of numbers. */
export interface Extent {
  /** Number of rows that the null mode counts, including NaN. */
  readonly count: number;
  /** Number of values that are neither null nor NaN. */
  readonly valueCount: number;
  readonly sum: number;
  /** Smallest value; null if the column has no values. */
  readonly min: number | null;
  readonly max: number | null;
}

/** Statistics of the differences between consecutive numbers of a column. */
export interface Movement {
  /** Sum of the increases. A decrease counts as the reset of a counter. */
  readonly delta: number;
  /** Smallest difference between consecutive numbers; null if there are fewer than two numbers. */
  readonly step: number | null;
  /** Whether the last number is at least as large as the one before it. */
  readonly isRising: boolean;
}

/**
 * Initial value of a minimum or maximum that means "not found yet", as in Grafana. Therefore a column that contains
 * only -Infinity has no maximum.
 */
const NONE = Number.MAX_VALUE;

/** Computes count, sum, minimum and maximum in one pass, because most panels need them. */
export function extentOf(values: Float64Array, nulls: Uint8Array | undefined, mode: NullValueMode): Extent {
  let max = -NONE;
  let min = NONE;
  let sum = 0;
  let count = 0;
  let valueCount = 0;
  for (let i = 0; i < values.length; i++) {
    let value = values[i]!;
    if (nulls !== undefined && nulls[i] === 1) {
      if (mode === "connected") continue;
      value = mode === "null as zero" ? 0 : NaN;
    }
    count++;
    if (value !== value) continue;
    valueCount++;
    sum += value;
    if (value > max) max = value;
    if (value < min) min = value;
  }
  return { count, valueCount, sum, min: min === NONE ? null : min, max: max === -NONE ? null : max };
}

export function movementOf(values: Float64Array, nulls: Uint8Array | undefined, mode: NullValueMode): Movement {
  let step = NONE;
  let delta = 0;
  let previous = NaN;
  let isRising = true;
  for (let i = 0; i < values.length; i++) {
    let value = values[i]!;
    if (nulls !== undefined && nulls[i] === 1) {
      if (mode !== "null as zero") continue;
      value = 0;
    }
    if (value !== value) continue;
    const difference = value - previous;
    if (difference < step) step = difference;
    if (previous > value) isRising = false;
    // The first value has no predecessor: `previous` is then NaN, which is not equal to itself.
    else if (previous === previous) {
      // The first increase after a decrease is not counted, because the decrease is a restart of the counter from an
      // unknown value.
      if (isRising) delta += difference;
      isRising = true;
    }
    previous = value;
  }
  return { delta, step: step === NONE ? null : step, isRising };
}

/** Returns the smallest value above zero, or null. */
export function minPositive(values: Float64Array, nulls: Uint8Array | undefined): number | null {
  let least = NONE;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > 0 && value < least && (nulls === undefined || nulls[i] !== 1)) least = value;
  }
  return least === NONE ? null : least;
}

/**
 * Returns the first or last value of a column that is neither null nor NaN; null for a column without such a value.
 * With `null as zero`, a null counts as the value 0.
 */
export function endValue(
  values: Float64Array,
  nulls: Uint8Array | undefined,
  mode: NullValueMode,
  isFromBack: boolean,
): number | null {
  const by = isFromBack ? -1 : 1;
  for (let row = isFromBack ? values.length - 1 : 0; row >= 0 && row < values.length; row += by) {
    if (nulls?.[row] === 1) {
      if (mode === "null as zero") return 0;
    } else if (!Number.isNaN(values[row])) return values[row]!;
  }
  return null;
}
