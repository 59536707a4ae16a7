import type { NullValueMode } from "./null-value.ts";

/** How many numbers there are, and between what. */
export interface Extent {
  /** Rows that count, NaNs among them. */
  readonly count: number;
  /** Values that are neither null nor NaN. */
  readonly valueCount: number;
  readonly sum: number;
  /** Null of no values. */
  readonly min: number | null;
  readonly max: number | null;
}

/** How numbers follow on each other. */
export interface Movement {
  /** How far they rose in all, resets of counters left out. */
  readonly delta: number;
  /** The least difference from one to the next; null of fewer than two. */
  readonly step: number | null;
  /** Whether the last was no less than the one before. */
  readonly isRising: boolean;
}

/** The end of the range of numbers stands for "none yet", so that a column of -Infinity alone has no maximum. */
const NONE = Number.MAX_VALUE;

/** One pass for what most panels ask for; its branches go one way nearly always. */
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
    // The first has none before it.
    else if (previous === previous) {
      // The first rise after a fall is taken for a counter's way from zero, of which nobody knows the start.
      if (isRising) delta += difference;
      isRising = true;
    }
    previous = value;
  }
  return { delta, step: step === NONE ? null : step, isRising };
}

/** The least value above zero; null of none. */
export function leastPositive(values: Float64Array, nulls: Uint8Array | undefined): number | null {
  let least = NONE;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > 0 && value < least && (nulls === undefined || nulls[i] !== 1)) least = value;
  }
  return least === NONE ? null : least;
}

/** The first value that is neither null nor NaN, from the front or from the back; null of none. */
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
