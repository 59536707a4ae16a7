import type { Column, FloatHistogram, Grid, Labels } from "@narthex/model";
import type { LabelSets, SampleAggregates, SampleColumns, SampleSpans, SeriesSet } from "@narthex/storage";

/** Values of `present[i]`. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * One series over a grid. `present[i]` is ABSENT, FLOAT (see `values[i]`) or HISTOGRAM (see `histograms[i]`).
 * `histograms` is undefined if the series has none; code that sets it creates a new array, so that the array may be
 * kept.
 */
export interface SeriesColumn extends Column {
  histograms: (FloatHistogram | undefined)[] | undefined;
}

/** An empty column of `count` slots. */
export const createSeriesColumn = (count: number): SeriesColumn => ({
  values: new Float64Array(count),
  present: new Uint8Array(count),
  histograms: undefined,
});

/** Values in one block of memory that is divided into columns. */
const BLOCK_VALUES = 8192;
/**
 * Number of columns in the first block: most results have a few series, and memory outside the heap is expensive to
 * collect.
 */
const FIRST_COLUMNS = 4;

/**
 * Allocates columns that exist at the same time. Many of them share a block of memory: a separate block for each of
 * 100,000 one-step columns would cost more than its content.
 */
export class ColumnArena {
  readonly #steps: number;
  readonly #maxPerBlock: number;
  #perBlock: number;
  #values = new Float64Array(0);
  #present = new Uint8Array(0);
  #used: number;

  constructor(steps: number) {
    this.#steps = steps;
    this.#maxPerBlock = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(1, steps)));
    this.#perBlock = this.#used = Math.min(FIRST_COLUMNS / 2, this.#maxPerBlock);
  }

  /** An empty column. */
  next(): SeriesColumn {
    const steps = this.#steps;
    if (this.#used === this.#perBlock) {
      this.#perBlock = Math.min(this.#perBlock * 2, this.#maxPerBlock);
      this.#values = new Float64Array(this.#perBlock * steps);
      this.#present = new Uint8Array(this.#perBlock * steps);
      this.#used = 0;
    }
    const from = this.#used++ * steps;
    return {
      values: this.#values.subarray(from, from + steps),
      present: this.#present.subarray(from, from + steps),
      histograms: undefined,
    };
  }
}

export type HistogramSlots = (FloatHistogram | undefined)[];

/** Room for a histogram per step. */
export const histogramSlots = (steps: number): HistogramSlots => Array.from({ length: steps });

/** A series of an operator's result. */
export interface OutputSeries {
  readonly labels: Labels;
  /**
   * Whether the name is dropped at the end of the query, and available to other operators until then (delayed name
   * removal).
   */
  readonly dropName: boolean;
}

/**
 * The outputs of an operator. `distinct`: all labels differ, so that no check is needed. `stored`: the outputs are, one
 * by one, series of a selection, whose labels are made on demand.
 */
export type OutputList = readonly OutputSeries[] & {
  readonly distinct?: boolean;
  readonly stored?: StoredLabels | undefined;
};

/** The labels of the series of a list; `nameless`: without name, type and unit. */
export interface StoredLabels {
  readonly sets: LabelSets;
  readonly nameless: boolean;
}

/** Marks a list whose labels all differ. */
export const distinctList = (series: OutputSeries[], distinct = true): OutputList =>
  Object.assign(series, { distinct });

/**
 * Yields instant vectors over a grid, series by series. Call `prepare` once; then `next` until it returns false;
 * `close` at any time, any number of times. Operators that need all their input before their first output materialize
 * it in `prepare`, where long work can yield.
 */
export interface VectorOperator {
  /** Returns the outputs in the order of next(). Some may have no sample. */
  prepare(signal: AbortSignal): Promise<OutputList>;
  /** Overwrites all of `out`, which it does not keep; false = no more series. */
  next(out: SeriesColumn): boolean;
  close(): void;
}

/** A number per step. */
export interface ScalarOperator {
  evaluate(signal: AbortSignal): Promise<Float64Array>;
  close(): void;
}

/** Samples for range windows: all samples of a series between the first window's start and the last window's end. */
export interface RangeSource {
  readonly frame: WindowFrame;
  /** Whether the samples are results of an expression, not read from storage. */
  readonly derived: boolean;
  prepare(signal: AbortSignal): Promise<OutputList>;
  /** Overwrites `out` with the next series' samples, oldest first, without stale markers. */
  next(out: SampleColumns): boolean;
  /** Overwrites `out` with the next series as spans; false if that is not possible, then next() returns the series. */
  nextSpans?(out: SampleSpans): boolean;
  /** Set where older samples are downsampled, once it is prepared. */
  readonly downsampled?: SeriesSet["downsampled"];
  /**
   * Overwrites `out` with the next series as aggregates, without empty rows, if it is downsampled; otherwise false,
   * then next() returns the series.
   */
  nextAggregates?(out: SampleAggregates): boolean;
  close(): void;
}

/** Windows of a range at each step: samples with start < t ≤ end, in ms. */
export interface WindowFrame {
  readonly grid: Grid;
  readonly rangeMs: number;
  /** End of the window of step 0. */
  readonly firstEnd: number;
  /** Distance of the ends; 0 if `@` pins the window. */
  readonly stride: number;
  /** How far the samples extend beyond the windows: anchored and smoothed need further samples. */
  readonly before: number;
  readonly after: number;
  /** The selection's own modifier. */
  readonly mode: "plain" | "anchored" | "smoothed";
}
