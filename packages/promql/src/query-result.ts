import type { FloatHistogram, Labels } from "@narthex/model";
import { ABSENT, HISTOGRAM, type SeriesColumn } from "./operators/operator.ts";

/** One series of a result: slot i of `column` belongs to `times[i]` (ms); slots without a sample are ABSENT. */
export interface ResultSeries {
  readonly labels: Labels;
  /** Shared by all series, unless the samples of a range selector are the result. */
  readonly times: Float64Array;
  readonly column: SeriesColumn;
}

export type ResultType = "vector" | "matrix" | "scalar" | "string";

/** Seconds that the stages of a query took. */
export interface QueryTimings {
  readonly evalTotalTime: number;
  readonly resultSortTime: number;
  readonly queryPreparationTime: number;
  readonly innerEvalTime: number;
  readonly execQueueTime: number;
  readonly execTotalTime: number;
}

export interface QueryStats {
  readonly timings: QueryTimings;
  readonly samples: {
    /** Samples read for each step, by its time in seconds; only if requested. */
    readonly totalQueryableSamplesPerStep?: readonly (readonly [number, number])[];
    readonly totalQueryableSamples: number;
    readonly samplesReadPerStep?: readonly (readonly [number, number])[];
    readonly samplesRead: number;
    readonly peakSamples: number;
  };
}

/** ms to seconds, in whole nanoseconds. */
export const secondsOf = (ms: number): number => Math.round(ms * 1e6) / 1e9;

/** Statistics of a query that has only waited. */
export function queuedQueryStats(waitedMs: number): QueryStats {
  const waited = secondsOf(waitedMs);
  return {
    timings: {
      evalTotalTime: 0,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: 0,
      execQueueTime: waited,
      execTotalTime: waited,
    },
    samples: { totalQueryableSamples: 0, samplesRead: 0, peakSamples: 0 },
  };
}

export interface OmittedAnnotations {
  readonly warnings: number;
  readonly infos: number;
}

/** The result of a query, in columns. */
export interface QueryResult {
  readonly type: ResultType;
  /** vector: one slot per series; scalar: one series without labels; string: none. */
  readonly series: readonly ResultSeries[];
  /** Value of a string result. */
  readonly text: string;
  /** Time of an instant query, ms. */
  readonly time: number;
  /** Complete texts, with their places in the query. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Numbers of further warnings and infos whose texts are not made; undefined if there are none. */
  readonly omitted?: OmittedAnnotations | undefined;
  readonly stats: QueryStats;
  /** Upper limit for the samples that Prometheus would hold at a time, which is compared with the limit of samples. */
  readonly peakSamples: number;
}

/** Calls `visit` with each sample of a series, oldest first; `histogram` is undefined for floats. */
export function forEachSample(
  { times, column }: ResultSeries,
  visit: (time: number, value: number, histogram: FloatHistogram | undefined) => void,
): void {
  const { present, values, histograms } = column;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === ABSENT) continue;
    visit(times[i]!, values[i]!, present[i] === HISTOGRAM ? histograms![i] : undefined);
  }
}

/** The value of a scalar result. */
export const scalarValue = (result: QueryResult): number => result.series[0]!.column.values[0]!;
