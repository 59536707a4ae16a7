import { type Grid, Labels } from "@narthex/model";
import type { ResultSeries } from "@narthex/promql";

/** Size of a slot, bytes: its value and its kind. */
export const SLOT_BYTES = 9;
/** Memory of a series' objects, bytes: its labels and the list of their texts. */
const SERIES_BYTES = 120;
/** Memory of a text in addition to its characters, bytes: its header, and its entry in the list. */
const TEXT_BYTES = 28;

/**
 * Series of floats over one grid, in two blocks of memory. The series of a result are parts of larger blocks, which
 * stay in memory as long as any of their series is used.
 */
export class CompactSeries {
  readonly #labels: readonly Labels[];
  readonly #values: Float64Array;
  readonly #present: Uint8Array;

  private constructor(labels: readonly Labels[], values: Float64Array, present: Uint8Array) {
    this.#labels = labels;
    this.#values = values;
    this.#present = present;
  }

  /** Returns the memory of a copy with this number of slots for each series, bytes. */
  static bytesOf(series: readonly ResultSeries[], slots: number): number {
    let bytes = 0;
    for (const { labels } of series) {
      bytes += SERIES_BYTES + slots * SLOT_BYTES;
      for (const text of labels.pairs) bytes += TEXT_BYTES + text.length;
    }
    return bytes;
  }

  /** Copies series. `pause` is called regularly and lets other jobs run. */
  static async of(
    series: readonly ResultSeries[],
    slots: number,
    pause: () => Promise<void> | undefined,
  ): Promise<CompactSeries> {
    const values = new Float64Array(series.length * slots);
    const present = new Uint8Array(series.length * slots);
    const copies: Labels[] = [];
    for (const [i, { labels, column }] of series.entries()) {
      values.set(column.values, i * slots);
      present.set(column.present, i * slots);
      // The labels are created without their key, which would take memory.
      copies.push(Labels.fromSortedPairs(labels.pairs));
      const waiting = pause();
      if (waiting !== undefined) await waiting;
    }
    return new CompactSeries(copies, values, present);
  }

  /** Returns the series. Their columns must not be changed. */
  over({ start, step, count }: Grid): readonly ResultSeries[] {
    const times = Float64Array.from({ length: count }, (_, slot) => start + slot * step);
    return this.#labels.map((labels, i) => {
      const [from, to] = [i * count, (i + 1) * count];
      const values = this.#values.subarray(from, to);
      return { labels, times, column: { values, present: this.#present.subarray(from, to), histograms: undefined } };
    });
  }
}
