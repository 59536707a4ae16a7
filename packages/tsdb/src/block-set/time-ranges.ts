/** Times in ms, the upper one exclusive. */
export interface TimeRange {
  readonly minTime: number;
  readonly maxTime: number;
}

/** Finds in logarithmic time which of many ranges overlap another one. */
export class TimeRanges {
  /** Sorted. */
  readonly #starts: Float64Array;
  /** By index in `#starts`: the latest end of the ranges up to there. */
  readonly #ends: Float64Array;

  constructor(ranges: readonly TimeRange[]) {
    const sorted = ranges.toSorted((a, b) => a.minTime - b.minTime);
    this.#starts = Float64Array.from(sorted, ({ minTime }) => minTime);
    let end = -Infinity;
    this.#ends = Float64Array.from(sorted, ({ maxTime }) => (end = Math.max(end, maxTime)));
  }

  /** Returns whether a range overlaps one of these. */
  overlap(range: TimeRange): boolean {
    return this.latestEnd(range) > -Infinity;
  }

  /** Returns the latest end of the ranges that overlap a range; -Infinity if none does. */
  latestEnd({ minTime, maxTime }: TimeRange): number {
    const starts = this.#starts;
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! < maxTime) low = middle + 1;
      else high = middle;
    }
    const end = low === 0 ? -Infinity : this.#ends[low - 1]!;
    return end > minTime ? end : -Infinity;
  }
}
