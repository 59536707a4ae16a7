import type { SeriesRef } from "@narthex/storage";
import type { SampleColumns } from "@narthex/storage";

/** Times of a series that were deleted, both ends included. */
export interface DeletedInterval {
  readonly minTime: number;
  readonly maxTime: number;
}

/** Deleted intervals of the head's series; they are applied when samples are read. */
export class Tombstones {
  readonly #bySeries = new Map<SeriesRef, DeletedInterval[]>();

  get size(): number {
    return this.#bySeries.size;
  }

  add(ref: SeriesRef, interval: DeletedInterval): void {
    const known = this.#bySeries.get(ref);
    if (known === undefined) this.#bySeries.set(ref, [interval]);
    else known.push(interval);
  }

  intervalsOf(ref: SeriesRef): readonly DeletedInterval[] | undefined {
    return this.#bySeries.get(ref);
  }

  /** Forgets what lies before a time altogether. */
  truncate(minTime: number): void {
    for (const [ref, intervals] of this.#bySeries) {
      const kept = intervals.filter((interval) => interval.maxTime >= minTime);
      if (kept.length === 0) this.#bySeries.delete(ref);
      else this.#bySeries.set(ref, kept);
    }
  }
}

/** Takes deleted samples out of columns. */
export function dropDeleted(columns: SampleColumns, intervals: readonly DeletedInterval[]): void {
  const { timestamps, valueWords: words, histograms, count } = columns;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const time = timestamps[i]!;
    if (intervals.some(({ minTime, maxTime }) => time >= minTime && time <= maxTime)) continue;
    timestamps[kept] = time;
    words[kept * 2] = words[i * 2]!;
    words[kept * 2 + 1] = words[i * 2 + 1]!;
    if (histograms !== undefined) histograms[kept] = histograms[i];
    kept++;
  }
  columns.count = kept;
}
