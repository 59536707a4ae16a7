import type { Column, FloatHistogram, Grid, Labels } from "@narthex/model";
import type { LabelSets, SampleAggregates, SampleColumns, SampleSpans, SeriesSet } from "@narthex/storage";

/** Values of `present[i]`: whether a series has a float, a histogram or nothing at evaluation time i. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * The values of one series at all evaluation times. `present[i]` is ABSENT, FLOAT (the sample is `values[i]`) or
 * HISTOGRAM (the sample is `histograms[i]`). `histograms` is undefined if the series has no histogram. Code that
 * changes histograms must set `histograms` to a new array, because other code may keep the old array.
 */
export interface SeriesColumn extends Column {
  histograms: (FloatHistogram | undefined)[] | undefined;
}

/** Returns a series without samples for `count` evaluation times. */
export const createSeriesColumn = (count: number): SeriesColumn => ({
  values: new Float64Array(count),
  present: new Uint8Array(count),
  histograms: undefined,
});

/** Number of values in one block of memory. Several series share a block. */
const BLOCK_VALUES = 8192;
/**
 * Number of series in the first block. The number is small, because most results have few series and memory outside the
 * heap is expensive to free.
 */
const FIRST_COLUMNS = 4;

/**
 * Allocates the values of series that exist at the same time. Many series share a block of memory, because separate
 * blocks for 100,000 series of one value each would take more memory than the values.
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

/** Returns an array with room for a histogram at each evaluation time. */
export const histogramSlots = (steps: number): HistogramSlots => Array.from({ length: steps });

export interface OutputSeries {
  readonly labels: Labels;
  /**
   * Whether the metric name is dropped at the end of the query. Until then, other operators can use it (Prometheus'
   * delayed name removal).
   */
  readonly dropName: boolean;
}

/**
 * The result series of an operator, without values. `distinct` means that all labels are known to differ. `stored`
 * means that the series are those of a selection, whose labels are created on demand.
 */
export type OutputList = readonly OutputSeries[] & {
  readonly distinct?: boolean;
  readonly stored?: StoredLabels | undefined;
};

/** The labels of stored series. With `nameless`, name, type and unit have been removed. */
export interface StoredLabels {
  readonly sets: LabelSets;
  readonly nameless: boolean;
}

/** Marks a list in which all series have different labels. */
export const distinctList = (series: OutputSeries[], distinct = true): OutputList =>
  Object.assign(series, { distinct });

/**
 * Yields the series of an instant vector with their values at all evaluation times. Call `prepare` once, then `next`
 * until it returns false. `close` may be called at any time and repeatedly. An operator that needs all input before its
 * first result reads it in `prepare`, which can yield to other work.
 */
export interface VectorOperator {
  /** Returns the result series in the order of next(). Some of the series may have no sample. */
  prepare(signal: AbortSignal): Promise<OutputList>;
  /**
   * Replaces the content of `out` by the values of the next series. Returns false after the last series. The operator
   * does not keep `out`.
   */
  next(out: SeriesColumn): boolean;
  close(): void;
}

/** Yields one number for each evaluation time. */
export interface ScalarOperator {
  evaluate(signal: AbortSignal): Promise<Float64Array>;
  close(): void;
}

/**
 * Yields the samples for range vectors: for each series, all samples from the start of the first window to the end of
 * the last window.
 */
export interface RangeSource {
  readonly frame: WindowFrame;
  /** Whether the samples are results of a subquery instead of stored samples. */
  readonly derived: boolean;
  prepare(signal: AbortSignal): Promise<OutputList>;
  /**
   * Writes the samples of the next series into `out`, oldest first, without stale markers. Returns false if there are
   * no more series.
   */
  next(out: SampleColumns): boolean;
  /**
   * Reads the next series into `out` as the pieces in which it is stored, without copying. Returns false if that is not
   * possible; next() must then be called for the same series.
   */
  nextSpans?(out: SampleSpans): boolean;
  /** Which part of the time range is downsampled, if any. Set after prepare(). */
  readonly downsampled?: SeriesSet["downsampled"];
  /**
   * Reads the downsampled rows of the next series into `out`, without empty rows. Returns false if the series is not
   * downsampled; next() must then be called for the same series.
   */
  nextAggregates?(out: SampleAggregates): boolean;
  close(): void;
}

/**
 * The windows of a range vector, one for each evaluation time. A window has the samples with start < t ≤ end, in ms.
 */
export interface WindowFrame {
  readonly grid: Grid;
  readonly rangeMs: number;
  /** End of the window for the first evaluation time, ms. */
  readonly firstEnd: number;
  /** Distance between the ends of consecutive windows, ms; 0 if `@` fixes the time. */
  readonly stride: number;
  /**
   * Time in ms before the first window for which samples are also read. `after` is the time after the last window. The
   * modifiers `anchored` and `smoothed` need these samples.
   */
  readonly before: number;
  readonly after: number;
  /** Modifier of the selector. */
  readonly mode: "plain" | "anchored" | "smoothed";
}
