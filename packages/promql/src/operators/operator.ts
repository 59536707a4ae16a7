import type { Column, FloatHistogram, Grid, Labels } from "@narthex/model";
import type { LabelSets, SampleAggregates, SampleColumns, SampleSpans, SeriesSet } from "@narthex/storage";

/** What slot i of `present` says. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/**
 * One series over a grid. `present[i]` is ABSENT, FLOAT (`values[i]` counts) or HISTOGRAM (`histograms[i]` counts).
 * `histograms` is undefined where the series has none; whoever sets it makes a new array, so that it may be kept.
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

/** Values in one block of memory that columns are cut from. */
const BLOCK_VALUES = 8192;
/** Columns in the first: most answers have a few series, and memory outside the heap is dear to collect. */
const FIRST_COLUMNS = 4;

/**
 * Hands out columns that live on side by side: one block of memory for many of them, since a block of its own for each
 * of 100,000 one-step columns would cost more than what it holds.
 */
export class ColumnArena {
  readonly #steps: number;
  readonly #mostPerBlock: number;
  #perBlock: number;
  #values = new Float64Array(0);
  #present = new Uint8Array(0);
  #used: number;

  constructor(steps: number) {
    this.#steps = steps;
    this.#mostPerBlock = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(1, steps)));
    this.#perBlock = this.#used = Math.min(FIRST_COLUMNS / 2, this.#mostPerBlock);
  }

  /** An empty column. */
  next(): SeriesColumn {
    const steps = this.#steps;
    if (this.#used === this.#perBlock) {
      this.#perBlock = Math.min(this.#perBlock * 2, this.#mostPerBlock);
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

/** A series an operator will yield. */
export interface OutputSeries {
  readonly labels: Labels;
  /** The name is to go at the end of the query, and is there till then for others to use (delayed name removal). */
  readonly dropName: boolean;
}

/**
 * The outputs of an operator. `distinct`: no two have the same labels, so that nobody needs to look. `stored`: they are,
 * one by one, series of a selection, whose labels are made only where somebody asks for them.
 */
export type OutputList = readonly OutputSeries[] & {
  readonly distinct?: boolean;
  readonly stored?: StoredLabels | undefined;
};

/** Whose labels the series of a list have; `nameless`: without name, type and unit. */
export interface StoredLabels {
  readonly sets: LabelSets;
  readonly nameless: boolean;
}

/** Marks a list whose labels all differ. */
export const distinctList = (series: OutputSeries[], distinct = true): OutputList =>
  Object.assign(series, { distinct });

/**
 * Yields instant vectors over a grid, series by series. `prepare` once; then `next` until it answers false; `close` at
 * any time, any number of times. Operators that need all their input before their first output materialize it in `prepare`,
 * which is where long work may pause.
 */
export interface VectorOperator {
  /** The outputs, in the order next() yields them. Some may turn out to have no sample. */
  prepare(signal: AbortSignal): Promise<OutputList>;
  /** Overwrites all of `out`, keeps no hold of it; false = no more series. */
  next(out: SeriesColumn): boolean;
  close(): void;
}

/** A number per step. */
export interface ScalarOperator {
  evaluate(signal: AbortSignal): Promise<Float64Array>;
  close(): void;
}

/** Samples of range windows: all a series has between the first window's start and the last window's end. */
export interface RangeSource {
  readonly frame: WindowFrame;
  /** The samples are results of an expression, not read from storage. */
  readonly derived: boolean;
  prepare(signal: AbortSignal): Promise<OutputList>;
  /** Overwrites `out` with the next series' samples, oldest first, without stale markers. */
  next(out: SampleColumns): boolean;
  /** The same in spans, where the next series can be told so; where not, false, and next() has it. */
  nextSpans?(out: SampleSpans): boolean;
  /** Set where older samples are downsampled, once it is prepared. */
  readonly downsampled?: SeriesSet["downsampled"];
  /** The same in aggregates, without rows of none, where the next series is downsampled; where not, false, and next() has it. */
  nextAggregates?(out: SampleAggregates): boolean;
  close(): void;
}

/** Where the windows of a range lie at each step: samples with start < t ≤ end, in ms. */
export interface WindowFrame {
  readonly grid: Grid;
  readonly rangeMs: number;
  /** End of the window of step 0. */
  readonly firstEnd: number;
  /** Distance of the ends; 0 where `@` pins the window. */
  readonly stride: number;
  /** How far the samples handed over reach beyond the windows: anchored and smoothed look around. */
  readonly before: number;
  readonly after: number;
  /** The selection's own modifier. */
  readonly mode: "plain" | "anchored" | "smoothed";
}
