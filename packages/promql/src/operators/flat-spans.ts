import type { SampleSpans } from "@narthex/storage";

/**
 * Copies the samples of a series that is stored in several pieces (spans) into one array. Copies the times only once
 * for consecutive series with the same times, such as the series of a target.
 */
export class FlatSpans {
  timestamps = new Float64Array(0);
  values = new Float64Array(0);
  /** Identifies the times that are currently in `timestamps`. */
  #layout = -1;

  /**
   * Copies the samples of a series. If the times differ from the times of the previous series, `layout` must differ
   * from the previous `layout`.
   */
  lay(spans: SampleSpans, layout: number): void {
    this.#reserve(spans.samples);
    if (layout !== this.#layout) writeTimes(spans, this.timestamps);
    this.#layout = layout;
    writeValues(spans, this.values);
  }

  #reserve(count: number): void {
    if (count <= this.values.length) return;
    const size = Math.max(count, this.values.length * 2);
    this.timestamps = new Float64Array(size);
    this.values = new Float64Array(size);
    this.#layout = -1;
  }
}

function writeTimes({ count, before, first, step, times, timesAt, origin }: SampleSpans, into: Float64Array): void {
  for (let span = 0; span < count; span++) {
    const begin = before[span]!;
    const samples = before[span + 1]! - begin;
    const distances = times[span];
    const [start, distance] = [first[span]!, step[span]!];
    if (distances === undefined) {
      for (let i = 0; i < samples; i++) into[begin + i] = start + i * distance;
    } else {
      const [base, from] = [origin[span]!, timesAt[span]!];
      for (let i = 0; i < samples; i++) into[begin + i] = base + distances[from + i]!;
    }
  }
}

function writeValues({ count, before, words, doubles, base, at }: SampleSpans, into: Float64Array): void {
  for (let span = 0; span < count; span++) {
    const begin = before[span]!;
    const samples = before[span + 1]! - begin;
    const distances = words[span];
    if (distances instanceof Int16Array) addSmall(base[span]!, distances, at[span]!, samples, into, begin);
    else if (distances !== undefined) addLarge(base[span]!, distances, at[span]!, samples, into, begin);
    else addDoubles(doubles[span]!, at[span]!, samples, into, begin);
  }
}

// Adds the differences of an Int16Array. One loop per kind of array is several times as fast as a common loop.

function addSmall(base: number, from: Int16Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = base + from[at + i]!;
}

function addLarge(base: number, from: Int32Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = base + from[at + i]!;
}

function addDoubles(from: Float64Array, at: number, count: number, into: Float64Array, begin: number): void {
  for (let i = 0; i < count; i++) into[begin + i] = from[at + i]!;
}
