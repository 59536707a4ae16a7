import type { LabelSet } from "../format/series-name.ts";

/** Time in Unix seconds, and the value as the server formatted it. */
export type SamplePair = readonly [number, string];

/** A histogram bucket: boundary rule (0 = (], 1 = [), 2 = (), 3 = []), lower bound, upper bound, count. */
export type Bucket = readonly [number, string, string, string];

/** A native histogram; `buckets` is absent when all are empty. */
export interface Histogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly Bucket[];
}

/** Time in Unix seconds, and the native histogram at that time. */
export type HistogramPair = readonly [number, Histogram];

/** A series of an instant vector: either a float or a histogram. */
export interface InstantSeries {
  readonly metric: LabelSet;
  readonly value?: SamplePair;
  readonly histogram?: HistogramPair;
}

/** A series over time. */
export interface RangeSeries {
  readonly metric: LabelSet;
  readonly values?: readonly SamplePair[];
  readonly histograms?: readonly HistogramPair[];
}

/** The exemplars of a series: single observations with their own labels, such as a trace id. Times are Unix seconds. */
export interface ExemplarSeries {
  readonly seriesLabels: LabelSet;
  readonly exemplars: ReadonlyArray<{
    readonly labels: LabelSet;
    readonly value: string;
    readonly timestamp: number;
  }>;
}

/** Statistics of a query; times in seconds. */
export interface QueryStats {
  readonly timings?: Readonly<Record<string, number>>;
  readonly samples?: Readonly<Record<string, number>>;
}

export type InstantResult = { readonly stats?: QueryStats } & (
  | { readonly resultType: "vector"; readonly result: readonly InstantSeries[] }
  | { readonly resultType: "matrix"; readonly result: readonly RangeSeries[] }
  | { readonly resultType: "scalar" | "string"; readonly result: SamplePair }
);

export interface RangeResult {
  readonly resultType: "matrix";
  readonly result: readonly RangeSeries[];
  readonly stats?: QueryStats;
}
