/** A range of times, ms; `maxTime` is exclusive. */
export interface TimeRange {
  readonly minTime: number;
  readonly maxTime: number;
}

/** Finds, in logarithmic time, which of many ranges overlap a given range. */
export class TimeRanges {
  /** Starts of the ranges, sorted. */
  readonly #starts: Float64Array;
  /** Running maximum of the ranges' ends: `#ends[i]` is the latest end of the ranges 0 to i. */
  readonly #ends: Float64Array;

  constructor(ranges: readonly TimeRange[]) {
    const sorted = ranges.toSorted((a, b) => a.minTime - b.minTime);
    this.#starts = Float64Array.from(sorted, ({ minTime }) => minTime);
    let end = -Infinity;
    this.#ends = Float64Array.from(sorted, ({ maxTime }) => (end = Math.max(end, maxTime)));
  }

  overlap(range: TimeRange): boolean {
    return this.latestEnd(range) > -Infinity;
  }

  /** Returns the latest end of the ranges that overlap a given range; -Infinity if no range overlaps it. */
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
