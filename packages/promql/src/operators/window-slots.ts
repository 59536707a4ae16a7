import type { SampleColumns } from "@narthex/storage";
import { histogramWeight } from "../budget.ts";
import type { WindowFrame } from "./operator.ts";

/** Returns the end of the window for evaluation time number `step`, ms. */
export const windowEnd = (frame: WindowFrame, step: number): number => frame.firstEnd + step * frame.stride;

/** Windows over a series. The window for evaluation time i has the samples with the indexes from[i] … to[i]-1. */
export class WindowSlots {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Samples in all windows: `looked` counts a sample once for each window that contains it, `fresh` only once. */
  looked = 0;
  fresh = 0;
  readonly #frame: WindowFrame;
  /** Sample times of the previous series. Recorded only if a series has few samples per evaluation time. */
  #laidFor = new Float64Array(0);
  #laidCount = -1;

  constructor(frame: WindowFrame) {
    this.#frame = frame;
    this.from = new Int32Array(frame.grid.count);
    this.to = new Int32Array(frame.grid.count);
  }

  /** Computes the windows of a series. If the previous series has the same sample times, keeps its windows. */
  lay({ timestamps, count }: SampleColumns): void {
    if (this.#isLaid(timestamps, count)) return;
    this.#lay(timestamps, count);
    this.#laidCount = -1;
    if (count > WORTH_COMPARING * this.from.length) return;
    if (this.#laidFor.length < count) this.#laidFor = new Float64Array(count * 2);
    this.#laidFor.set(timestamps.subarray(0, count));
    this.#laidCount = count;
  }

  #isLaid(timestamps: Float64Array, count: number): boolean {
    if (count !== this.#laidCount) return false;
    const laidFor = this.#laidFor;
    for (let i = 0; i < count; i++) if (timestamps[i] !== laidFor[i]) return false;
    return true;
  }

  /**
   * Moves both ends of the window from one evaluation time to the next, usually by the same number of samples as
   * before. The work depends on the number of evaluation times, not on the number of samples.
   */
  #lay(timestamps: Float64Array, count: number): void {
    const { from, to } = this;
    const { firstEnd, stride, after, rangeMs, before } = this.#frame;
    const width = after + rangeMs + before;
    let low = 0;
    let high = 0;
    let lowStride = 0;
    let highStride = 0;
    let looked = 0;
    let fresh = 0;
    for (let step = 0; step < from.length; step++) {
      const end = firstEnd + step * stride + after;
      const known = high;
      high = firstBeyond(timestamps, count, end, high, highStride);
      highStride = high - known;
      const lastLow = low;
      low = firstBeyond(timestamps, high, end - width, low, lowStride);
      lowStride = low - lastLow;
      from[step] = low;
      to[step] = high;
      looked += high - low;
      fresh += high - Math.max(known, low);
    }
    this.looked = looked;
    this.fresh = fresh;
  }
}

/**
 * Returns how many samples the windows contain, where each sample counts once. A histogram counts as several samples,
 * as in the sample limit.
 */
export function freshWeightOf({ histograms }: SampleColumns, { from, to, fresh }: WindowSlots): number {
  if (histograms === undefined) return fresh;
  let weight = 0;
  let seen = 0;
  for (let step = 0; step < from.length; step++) {
    for (let slot = Math.max(seen, from[step]!); slot < to[step]!; slot++) {
      const histogram = histograms[slot];
      weight += histogram === undefined ? 1 : histogramWeight(histogram);
    }
    seen = Math.max(seen, to[step]!);
  }
  return weight;
}

/**
 * Largest number of samples per evaluation time for which the sample times are compared with those of the previous
 * series. For more samples, computing the windows is faster than the comparison.
 */
const WORTH_COMPARING = 8;

/**
 * Returns the index of the first sample, not before `at`, that is later than `bound`; `count` without such a sample.
 * Tries the index `at + guess` first.
 */
export function firstBeyond(timestamps: Float64Array, count: number, bound: number, at: number, guess: number): number {
  const guessed = at + guess;
  if (
    guessed <= count &&
    (guessed === count || timestamps[guessed]! > bound) &&
    (guess === 0 || timestamps[guessed - 1]! <= bound)
  ) {
    return guessed;
  }
  let low = at;
  let reach = 1;
  while (low + reach <= count && timestamps[low + reach - 1]! <= bound) {
    low += reach;
    reach *= 2;
  }
  let high = Math.min(count, low + reach - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
