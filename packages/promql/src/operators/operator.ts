import type { Column, FloatHistogram, Grid, Labels } from "@narthex/model";
import type { LabelSets, SampleAggregates, SampleColumns, SampleSpans, SeriesSet } from "@narthex/storage";

/** Values of `present[i]` in a column. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * One series over the steps of a grid. `present[i]` is ABSENT, FLOAT (the sample is `values[i]`) or HISTOGRAM (the
 * sample is `histograms[i]`). `histograms` is undefined if the series has none. Code that sets it creates a new array,
 * so that others may keep the array.
 */
export interface SeriesColumn extends Column {
  histograms: (FloatHistogram | undefined)[] | undefined;
}

/** Returns an empty column of `count` slots. */
export const createSeriesColumn = (count: number): SeriesColumn => ({
  values: new Float64Array(count),
  present: new Uint8Array(count),
  histograms: undefined,
});

/** Number of values in one block of memory, which is divided into columns. */
const BLOCK_VALUES = 8192;
/**
 * Number of columns in the first block. Most results have a few series, and collecting memory outside the heap is
 * expensive.
 */
const FIRST_COLUMNS = 4;

/**
 * Allocates columns that exist at the same time. Many columns share a block of memory: for 100,000 columns of one step,
 * separate blocks would take more memory than the values.
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

  /** Returns an empty column. */
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

/** Returns an array with a slot for a histogram at each step. */
export const histogramSlots = (steps: number): HistogramSlots => Array.from({ length: steps });

/** A series of an operator's result. */
export interface OutputSeries {
  readonly labels: Labels;
  /**
   * Whether the name is dropped at the end of the query. Until then other operators can use it (delayed name removal).
   */
  readonly dropName: boolean;
}

/**
 * The outputs of an operator. `distinct` means that all label sets differ, so that no check is needed. `stored` means
 * that output i is series i of a selection, whose labels are created when they are needed.
 */
export type OutputList = readonly OutputSeries[] & {
  readonly distinct?: boolean;
  readonly stored?: StoredLabels | undefined;
};

/** The labels of the series of a list. `nameless` means without name, type and unit. */
export interface StoredLabels {
  readonly sets: LabelSets;
  readonly nameless: boolean;
}

/** Marks a list whose label sets all differ. */
export const distinctList = (series: OutputSeries[], distinct = true): OutputList =>
  Object.assign(series, { distinct });

/**
 * Yields instant vectors over a grid, series by series. `prepare` must be called once, then `next` until it returns
 * false. `close` may be called at any time, and repeatedly. Operators that need all their input before their first
 * output read it in `prepare`, which can yield to other work.
 */
export interface VectorOperator {
  /** Returns the outputs in the order of next(). Some outputs may have no sample. */
  prepare(signal: AbortSignal): Promise<OutputList>;
  /**
   * Writes the next series into `out`, whose content is replaced. Returns false if there are no more series. The
   * operator does not keep `out`.
   */
  next(out: SeriesColumn): boolean;
  close(): void;
}

/** Yields one number for each step. */
export interface ScalarOperator {
  evaluate(signal: AbortSignal): Promise<Float64Array>;
  close(): void;
}

/**
 * Samples for range windows: for each series, all samples between the first window's start and the last window's end.
 */
export interface RangeSource {
  readonly frame: WindowFrame;
  /** Whether the samples are results of an expression instead of stored samples. */
  readonly derived: boolean;
  prepare(signal: AbortSignal): Promise<OutputList>;
  /**
   * Writes the samples of the next series into `out`, oldest first, without stale markers. Returns false if there are
   * no more series.
   */
  next(out: SampleColumns): boolean;
  /**
   * Writes the next series into `out` as spans. Returns false if that is not possible; next() then returns the series.
   */
  nextSpans?(out: SampleSpans): boolean;
  /** Describes the downsampled part of the time range, if there is one; set after prepare(). */
  readonly downsampled?: SeriesSet["downsampled"];
  /**
   * Writes the next series into `out` as aggregates, without empty rows, if it is downsampled. Otherwise returns false;
   * next() then returns the series.
   */
  nextAggregates?(out: SampleAggregates): boolean;
  close(): void;
}

/** Windows of a range at each step. A window contains the samples with start < t ≤ end, in ms. */
export interface WindowFrame {
  readonly grid: Grid;
  readonly rangeMs: number;
  /** End of the window of step 0, ms. */
  readonly firstEnd: number;
  /** Distance between the ends of two successive windows, ms; 0 if `@` pins the window. */
  readonly stride: number;
  /** How far the samples extend before and after the windows, ms: `anchored` and `smoothed` need additional samples. */
  readonly before: number;
  readonly after: number;
  /** Modifier of the selector. */
  readonly mode: "plain" | "anchored" | "smoothed";
}
