import type { FloatHistogram, Labels } from "@narthex/model";
import { ABSENT, FLOAT, HISTOGRAM, type OutputSeries, type SeriesColumn } from "./operators/operator.ts";

/**
 * One series of a query result. Sample i of `column` has the time `times[i]` (ms). Times without a sample are ABSENT.
 */
export interface ResultSeries {
  readonly labels: Labels;
  /** The series itself. Two results with the same object have equal labels. */
  readonly identity?: { readonly labels: Labels } | undefined;
  /** Times of the samples, ms. All series share one array, except for a query that is only a range selector. */
  readonly times: Float64Array;
  readonly column: SeriesColumn;
}

/** A series of an instant query's result with its one sample. Its labels and arrays are created only when they are needed. */
export class InstantSeries implements ResultSeries {
  readonly identity: OutputSeries;
  readonly times: Float64Array;
  /** Value of a float sample; 0 for a histogram. */
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;

  constructor(output: OutputSeries, times: Float64Array, value: number, histogram: FloatHistogram | undefined) {
    this.identity = output;
    this.times = times;
    this.value = value;
    this.histogram = histogram;
  }

  get labels(): Labels {
    return this.identity.labels;
  }

  get column(): SeriesColumn {
    const { value, histogram } = this;
    return {
      values: Float64Array.of(value),
      present: Uint8Array.of(histogram === undefined ? FLOAT : HISTOGRAM),
      histograms: histogram && [histogram],
    };
  }
}

export type ResultType = "vector" | "matrix" | "scalar" | "string";

/** Seconds that each stage of a query took. */
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
    /** Number of samples that were read for each evaluation time (in seconds). Set only if requested. */
    readonly totalQueryableSamplesPerStep?: readonly (readonly [number, number])[];
    readonly totalQueryableSamples: number;
    readonly samplesReadPerStep?: readonly (readonly [number, number])[];
    readonly samplesRead: number;
    readonly peakSamples: number;
  };
}

/** Converts milliseconds to seconds, rounded to whole nanoseconds. */
export const secondsOf = (ms: number): number => Math.round(ms * 1e6) / 1e9;

/** Returns the statistics of a query that failed while it waited to run. */
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

/** The result of a query, with the values of each series in typed arrays. */
export interface QueryResult {
  readonly type: ResultType;
  /**
   * The series. A vector has one sample per series, a scalar is one series without labels, and a string has no series.
   */
  readonly series: readonly ResultSeries[];
  /** Value of the result if it is a string. */
  readonly text: string;
  /** Time of an instant query, ms. */
  readonly time: number;
  /** Texts of the warnings, including their positions in the query. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /**
   * Number of warnings and infos beyond those in the lists, whose texts were not created; undefined if the number is 0.
   */
  readonly omitted?: OmittedAnnotations | undefined;
  readonly stats: QueryStats;
  /**
   * Upper bound of the number of samples that Prometheus would hold in memory at a time. The sample limit applies to
   * this number.
   */
  readonly peakSamples: number;
}

/** Calls `visit` with each sample of a series, oldest first. `histogram` is undefined for floats. */
export function forEachSample(
  series: ResultSeries,
  visit: (time: number, value: number, histogram: FloatHistogram | undefined) => void,
): void {
  const { times } = series;
  if (series instanceof InstantSeries) {
    visit(times[0]!, series.value, series.histogram);
    return;
  }
  const { column } = series;
  const { present, values, histograms } = column;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === ABSENT) continue;
    visit(times[i]!, values[i]!, present[i] === HISTOGRAM ? histograms![i] : undefined);
  }
}

/** Returns the value of a scalar result. */
export const scalarValue = (result: QueryResult): number => result.series[0]!.column.values[0]!;
