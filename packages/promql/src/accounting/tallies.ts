import type { SampleColumns } from "@narthex/storage";
import { elementWeight, histogramWeight } from "../budget.ts";
import { ABSENT, FLOAT, type SeriesColumn, type WindowFrame } from "../operators/operator.ts";
import { Windows } from "../operators/window.ts";

/** How much a part of a query yields at each step. */
export interface Yield {
  /** Samples at all steps together; a histogram counts as many. */
  readonly total: number;
  /** Elements at a step, a histogram being one. */
  elements(step: number): number;
  /** Samples at a step, as a result of that step is counted. */
  weight(step: number): number;
}

/** What a vector came to, step by step. */
export class VectorTally implements Yield {
  total = 0;
  /** Samples at each step. */
  readonly samples: Float64Array;
  /** Samples of each series, in their order. */
  readonly ofSeries: number[] = [];
  /** The vector was asked for. */
  prepared = false;
  readonly #elements: Float64Array;
  /** What histograms count for beyond `#elements`, as elements of a step. */
  #heavy: Float64Array | undefined;

  constructor(steps: number) {
    this.samples = new Float64Array(steps);
    this.#elements = new Float64Array(steps);
  }

  add({ present, histograms }: SeriesColumn): void {
    const { samples } = this;
    const elements = this.#elements;
    let sum = 0;
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      elements[step]!++;
      if (present[step] === FLOAT) {
        samples[step]!++;
        sum++;
        continue;
      }
      const histogram = histograms![step]!;
      const weight = histogramWeight(histogram);
      samples[step]! += weight;
      sum += weight;
      this.#heavy ??= new Float64Array(present.length);
      this.#heavy[step]! += elementWeight(histogram) - 1;
    }
    this.ofSeries.push(sum);
    this.total += sum;
  }

  elements(step: number): number {
    return this.#elements[step]!;
  }

  weight(step: number): number {
    return this.#elements[step]! + (this.#heavy?.[step] ?? 0);
  }
}

/** What windows over a range held, series by series and step by step. */
export class RangeTally {
  /** Samples in the windows of each step. */
  readonly looked: Float64Array;
  /** Those that the window of the step before has not. */
  readonly fresh: Float64Array;
  /** Of each series: the fullest window, the last one, and how many have samples. */
  readonly fullest: number[] = [];
  readonly last: number[] = [];
  readonly filled: number[] = [];
  readonly #windows: Windows;
  /** Samples up to each slot, where there are histograms. */
  #sums = new Float64Array(0);

  constructor(frame: WindowFrame) {
    this.looked = new Float64Array(frame.grid.count);
    this.fresh = new Float64Array(frame.grid.count);
    this.#windows = new Windows(frame);
  }

  add(samples: SampleColumns): void {
    const sums = samples.histograms === undefined ? undefined : this.#sumUp(samples);
    const between = (low: number, high: number): number => (sums === undefined ? high - low : sums[high]! - sums[low]!);
    this.#windows.lay(samples);
    const { from, to } = this.#windows;
    let fullest = 0;
    let last = 0;
    let filled = 0;
    for (let step = 0; step < from.length; step++) {
      const low = from[step]!;
      const high = to[step]!;
      last = between(low, high);
      if (last > fullest) fullest = last;
      if (last > 0) filled++;
      this.looked[step]! += last;
      this.fresh[step]! += step === 0 ? last : between(Math.max(low, to[step - 1]!), high);
    }
    this.fullest.push(fullest);
    this.last.push(last);
    this.filled.push(filled);
  }

  #sumUp({ count, histograms }: SampleColumns): Float64Array {
    if (this.#sums.length <= count) this.#sums = new Float64Array(2 * count + 1);
    const sums = this.#sums;
    for (let i = 0; i < count; i++) {
      const histogram = histograms![i];
      sums[i + 1] = sums[i]! + (histogram === undefined ? 1 : histogramWeight(histogram));
    }
    return sums;
  }
}
