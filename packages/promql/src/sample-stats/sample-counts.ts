import type { SampleAggregates, SampleColumns } from "@narthex/storage";
import { elementWeight, histogramWeight, type SampleBudget } from "../budget.ts";
import { ABSENT, FLOAT, type SeriesColumn, type WindowFrame } from "../operators/operator.ts";
import { WindowsByResolution } from "../operators/aggregate-windows.ts";
import type { WindowBounds } from "../operators/span-windows.ts";
import { WindowSlots } from "../operators/window-slots.ts";
import { StepCounts } from "./step-counts.ts";

/** Number of samples in the result of a part of a query, at each evaluation time. */
export interface StepSampleCounts {
  /** Number of samples at all evaluation times together. A histogram counts as several samples. */
  readonly total: number;
  /** Whether the number is the same at all evaluation times. */
  readonly even: boolean;
  /** Returns the number of elements at an evaluation time. A histogram counts as one. */
  elements(step: number): number;
}

/** Number of samples in the result of an operator or function, which stays in memory. */
export interface ResultSampleCounts extends StepSampleCounts {
  /** Returns the number of samples at an evaluation time. A histogram counts as several. */
  weight(step: number): number;
}

/** Numbers of samples in a vector, by evaluation time and by series. */
export class VectorSampleCounts implements ResultSampleCounts {
  total = 0;
  /** Number of samples of each series, in the order of the vector. */
  readonly ofSeries: number[] = [];
  /** Whether any operator has requested the vector. See ofSeries. */
  prepared = false;
  readonly #steps: number;
  readonly #budget: SampleBudget;
  readonly #elements: StepCounts;
  /** Numbers that histograms add at each evaluation time: samples beyond one per element, and elements. */
  #heavy: { readonly samples: StepCounts; readonly elements: StepCounts } | undefined;

  constructor(steps: number, budget: SampleBudget) {
    this.#steps = steps;
    this.#budget = budget;
    this.#elements = new StepCounts(steps, budget);
  }

  get even(): boolean {
    return this.#elements.even && this.#heavy === undefined;
  }

  add(column: SeriesColumn): void {
    const { present } = column;
    let floats = 0;
    while (floats < present.length && present[floats] === FLOAT) floats++;
    let sum = floats;
    if (floats === present.length) this.#elements.addToEach(1);
    else sum = this.#addUneven(column);
    this.ofSeries.push(sum);
    this.total += sum;
  }

  #addUneven({ present, histograms }: SeriesColumn): number {
    const elements = this.#elements.uneven();
    let sum = 0;
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      elements[step]!++;
      sum++;
      if (present[step] === FLOAT) continue;
      const histogram = histograms![step]!;
      const weight = histogramWeight(histogram);
      sum += weight - 1;
      this.#heavy ??= {
        samples: new StepCounts(this.#steps, this.#budget),
        elements: new StepCounts(this.#steps, this.#budget),
      };
      this.#heavy.samples.addAt(step, weight - 1);
      this.#heavy.elements.addAt(step, elementWeight(histogram) - 1);
    }
    return sum;
  }

  elements(step: number): number {
    return this.#elements.at(step);
  }

  weight(step: number): number {
    return this.#elements.at(step) + (this.#heavy?.elements.at(step) ?? 0);
  }

  /** Adds the number of samples at each evaluation time to `counts`. */
  addSamplesTo(counts: StepCounts): void {
    counts.addAll(this.#elements);
    if (this.#heavy !== undefined) counts.addAll(this.#heavy.samples);
  }
}

/** Numbers of samples in the windows of a range vector, by series and by evaluation time. */
export class RangeSampleCounts {
  /** Number of samples in the window for each evaluation time. */
  readonly queryable: StepCounts;
  /** Number of samples in the window for each evaluation time that the previous window did not contain. */
  readonly fresh: StepCounts;
  /**
   * Three lists with one number for each series: the largest number of samples in a window, the number of samples in
   * the last window, and the number of windows with samples.
   */
  readonly fullest: number[] = [];
  readonly last: number[] = [];
  readonly filled: number[] = [];
  readonly #frame: WindowFrame;
  readonly #windows: WindowSlots;
  #aggregateWindows: WindowsByResolution | undefined;
  /**
   * Running sums of sample counts, up to each sample. Used only if there are histograms, which count as several
   * samples.
   */
  #sums = new Float64Array(0);

  constructor(frame: WindowFrame, budget: SampleBudget) {
    const { count } = frame.grid;
    this.queryable = new StepCounts(count, budget);
    this.fresh = new StepCounts(count, budget);
    budget.take(0, 8 * count);
    this.#frame = frame;
    this.#windows = new WindowSlots(frame);
  }

  add(samples: SampleColumns): void {
    const sums = samples.histograms === undefined ? undefined : this.#sumUp(samples);
    const between = (low: number, high: number): number => (sums === undefined ? high - low : sums[high]! - sums[low]!);
    this.#windows.lay(samples);
    this.#count(this.#windows, between);
  }

  /**
   * Adds a series whose samples before the time `before` are downsampled. Each downsampled row counts as one sample.
   */
  addAggregates(rows: SampleAggregates, before: number): void {
    this.#aggregateWindows ??= new WindowsByResolution(this.#frame);
    this.#count(this.#aggregateWindows.over(rows, before), (low, high) => high - low);
  }

  #count({ from, to }: WindowBounds, between: (low: number, high: number) => number): void {
    const queryable = this.queryable.uneven();
    const fresh = this.fresh.uneven();
    let fullest = 0;
    let last = 0;
    let filled = 0;
    for (let step = 0; step < from.length; step++) {
      const low = from[step]!;
      const high = to[step]!;
      last = between(low, high);
      if (last > fullest) fullest = last;
      if (last > 0) filled++;
      queryable[step]! += last;
      fresh[step]! += step === 0 ? last : between(Math.max(low, to[step - 1]!), high);
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
