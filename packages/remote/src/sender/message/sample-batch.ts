import { type FloatHistogram, wordsOf } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import type { LogPosition } from "../position/log-position.ts";

export const FLOAT = 0;
const HISTOGRAM_ENTRY = 1;
export const EXEMPLAR_ENTRY = 2;

/**
 * The content of one remote write request: samples, histograms and exemplars in the order of the write-ahead log, as
 * parallel arrays.
 */
export class SampleBatch {
  readonly capacity: number;
  readonly kinds: Uint8Array;
  readonly rows: Int32Array;
  readonly times: Float64Array;
  readonly words: Uint32Array;
  /** Start times of counters, ms since 1970; 0 if unknown. */
  readonly starts: Float64Array;
  /** Histograms by index in the batch. The next map has the exemplars. */
  readonly histograms = new Map<number, FloatHistogram>();
  readonly exemplars = new Map<number, Exemplar>();
  count = 0;
  floatCount = 0;
  /** Oldest time of the samples and histograms, ms. `newest` is the latest time. */
  oldest = Infinity;
  newest = -Infinity;
  /**
   * Position in the write-ahead log of the batch's last entry. All earlier entries of the shard are in this batch or in
   * earlier batches.
   */
  segment = 0;
  offset = 0;
  entry = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.kinds = new Uint8Array(capacity);
    this.rows = new Int32Array(capacity);
    this.times = new Float64Array(capacity);
    this.words = wordsOf(new Float64Array(capacity));
    this.starts = new Float64Array(capacity);
  }

  get end(): LogPosition {
    return { segment: this.segment, offset: this.offset, entry: this.entry };
  }

  addFloat(row: number, time: number, high: number, low: number, start: number): void {
    const i = this.count++;
    this.kinds[i] = FLOAT;
    this.rows[i] = row;
    this.times[i] = time;
    this.words[i * 2] = low;
    this.words[i * 2 + 1] = high;
    this.starts[i] = start;
    this.floatCount++;
    this.#noteTime(time);
  }

  addHistogram(row: number, time: number, histogram: FloatHistogram, start: number): void {
    const i = this.count++;
    this.kinds[i] = HISTOGRAM_ENTRY;
    this.rows[i] = row;
    this.times[i] = time;
    this.starts[i] = start;
    this.histograms.set(i, histogram);
    this.#noteTime(time);
  }

  addExemplar(row: number, exemplar: Exemplar): void {
    const i = this.count++;
    this.kinds[i] = EXEMPLAR_ENTRY;
    this.rows[i] = row;
    this.times[i] = exemplar.timestamp;
    this.exemplars.set(i, exemplar);
    this.#noteTime(exemplar.timestamp);
  }

  /** Records the position of the batch's last entry in the write-ahead log. */
  endsAt(segment: number, offset: number, entry: number): void {
    this.segment = segment;
    this.offset = offset;
    this.entry = entry;
  }

  #noteTime(time: number): void {
    if (time < this.oldest) this.oldest = time;
    if (time > this.newest) this.newest = time;
  }

  clear(): void {
    this.count = 0;
    this.floatCount = 0;
    this.oldest = Infinity;
    this.newest = -Infinity;
    this.histograms.clear();
    this.exemplars.clear();
  }
}
