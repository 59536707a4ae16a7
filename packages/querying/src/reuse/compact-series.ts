import { type Grid, Labels } from "@narthex/model";
import type { ResultSeries } from "@narthex/promql";

/** Memory in bytes for one evaluation time of a series: the value, and whether it is present. */
export const SLOT_BYTES = 9;
/** Memory in bytes for the objects of a series: its labels and the list of their texts. */
const SERIES_BYTES = 120;
/** Memory in bytes of a label text beyond its characters: its header, and its entry in the list. */
const TEXT_BYTES = 28;

/**
 * A compact copy of the float series of a result, in two blocks of memory. The original series share larger blocks with
 * other series, and would keep these blocks in memory.
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

  /** Returns the memory in bytes of a copy with `slots` values for each series. */
  static bytesOf(series: readonly ResultSeries[], slots: number): number {
    let bytes = 0;
    for (const { labels } of series) {
      bytes += SERIES_BYTES + slots * SLOT_BYTES;
      for (const text of labels.pairs) bytes += TEXT_BYTES + text.length;
    }
    return bytes;
  }

  /** Copies series. Calls `pause` regularly, which lets other jobs run. */
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
      // Creates the labels without their key, to save memory.
      copies.push(Labels.fromSortedPairs(labels.pairs));
      const waiting = pause();
      if (waiting !== undefined) await waiting;
    }
    return new CompactSeries(copies, values, present);
  }

  /** Returns the series at the given evaluation times. The caller must not change their values. */
  over({ start, step, count }: Grid): readonly ResultSeries[] {
    const times = Float64Array.from({ length: count }, (_, slot) => start + slot * step);
    return this.#labels.map((labels, i) => {
      const [from, to] = [i * count, (i + 1) * count];
      const values = this.#values.subarray(from, to);
      return { labels, times, column: { values, present: this.#present.subarray(from, to), histograms: undefined } };
    });
  }
}
