import { type FloatHistogram, wordsOf } from "@narthex/model";

/**
 * Samples of one series as parallel arrays. The owner reuses the object for the next series. Sample i is a histogram if
 * `histograms[i]` is set, otherwise a float.
 */
export class SampleColumns {
  timestamps: Float64Array;
  values: Float64Array;
  /** The memory of `values` as 32-bit words, which isStaleAt() needs. */
  valueWords: Uint32Array;
  /** The histograms; undefined if the series has no histogram samples in the range. */
  histograms: (FloatHistogram | undefined)[] | undefined;
  /** Start time of each sample's counter, Unix ms; 0 if unknown. Undefined if no start time is known. */
  startTimestamps: Float64Array | undefined;
  count = 0;

  constructor(capacity = 1024) {
    this.timestamps = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.valueWords = wordsOf(this.values);
  }

  /** Removes all samples. The memory is kept for reuse. */
  reset(): void {
    this.count = 0;
    this.histograms = undefined;
    this.startTimestamps = undefined;
  }

  /** Extends the arrays to `capacity` samples. Existing samples are kept. */
  reserve(capacity: number): void {
    if (capacity <= this.timestamps.length) return;
    const size = Math.max(capacity, this.timestamps.length * 2);
    const timestamps = new Float64Array(size);
    timestamps.set(this.timestamps.subarray(0, this.count));
    const values = new Float64Array(size);
    wordsOf(values).set(this.valueWords.subarray(0, this.count * 2));
    this.timestamps = timestamps;
    this.values = values;
    this.valueWords = wordsOf(values);
    if (this.startTimestamps === undefined) return;
    const starts = new Float64Array(size);
    starts.set(this.startTimestamps.subarray(0, this.count));
    this.startTimestamps = starts;
  }

  /** Sets the start time of the newest sample's counter, Unix ms; 0 if unknown. */
  setStart(start: number): void {
    if (start === 0 && this.startTimestamps === undefined) return;
    this.startTimestamps ??= new Float64Array(this.timestamps.length);
    this.startTimestamps[this.count - 1] = start;
  }

  /** Removes the samples from index `count` on. */
  truncate(count: number): void {
    this.startTimestamps?.fill(0, count, this.count);
    this.count = count;
  }

  /** Appends a float sample. Its 64 bits are element `from` of `words`, so that all bits of a NaN are preserved. */
  pushFloat(timestamp: number, words: Uint32Array, from: number): void {
    this.reserve(this.count + 1);
    this.timestamps[this.count] = timestamp;
    this.valueWords[this.count * 2] = words[from * 2]!;
    this.valueWords[this.count * 2 + 1] = words[from * 2 + 1]!;
    this.count++;
  }

  /** Appends sample `from` of another object, a float or a histogram. */
  pushFrom(source: SampleColumns, from: number): void {
    const histogram = source.histograms?.[from];
    if (histogram === undefined) this.pushFloat(source.timestamps[from]!, source.valueWords, from);
    else this.pushHistogram(source.timestamps[from]!, histogram);
    if (source.startTimestamps !== undefined) this.setStart(source.startTimestamps[from]!);
  }

  pushHistogram(timestamp: number, histogram: FloatHistogram): void {
    this.reserve(this.count + 1);
    this.timestamps[this.count] = timestamp;
    this.values[this.count] = 0;
    (this.histograms ??= [])[this.count] = histogram;
    this.count++;
  }
}
