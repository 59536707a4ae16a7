import type { ExpressionNode } from "../api/expression-tree.ts";
import type { QueryAnalysis } from "../api/narthex.ts";
import type { MetricMetadata } from "../api/prometheus.ts";
import type { ExemplarSeries, InstantResult, RangeResult } from "../api/query-result.ts";
import type { Answer } from "../api/request.ts";
import type { LabelSet } from "../format/series-name.ts";

/** The instants of a range query, Unix seconds: `start`, `start + step` … up to `end`. */
export interface TimeGrid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** When a query is analyzed: at one time, Unix seconds, or over a range. */
export type AnalysisTime = { readonly time: number } | TimeGrid;

/** What a source can do besides answering queries. Pages offer what the source of a query has. */
export interface Capabilities {
  /** The language of its queries, which decides how the editor colours, completes and checks them. */
  readonly language: "promql" | "text";
  /** Puts a query into its usual form. */
  readonly format?: (query: string) => Promise<Answer<string>>;
  /** The exemplars of a query's series between two times, Unix seconds. */
  readonly exemplars?: (
    query: string,
    start: number,
    end: number,
    signal?: AbortSignal,
  ) => Promise<Answer<readonly ExemplarSeries[]>>;
  /** The tree of a query's parts, each of which is a query too. */
  readonly parse?: (query: string, signal?: AbortSignal) => Promise<Answer<ExpressionNode>>;
  /** Runs a query and tells how, what its parts took and gave, and of an empty result why it is empty. */
  readonly analyze?: (query: string, at: AnalysisTime, signal?: AbortSignal) => Promise<Answer<QueryAnalysis>>;
}

/** Where queries are answered. A call that fails rejects with an `ApiError`; a signal ends it early. */
export interface DataSource {
  /** Stands in links to queries. */
  readonly id: string;
  readonly name: string;
  readonly capabilities: Capabilities;
  /** The value of a query at one time, Unix seconds. */
  query(query: string, time: number, signal?: AbortSignal): Promise<Answer<InstantResult>>;
  queryRange(query: string, grid: TimeGrid, signal?: AbortSignal): Promise<Answer<RangeResult>>;
  /** The values of a label; those of `__name__` are the names of the metrics. */
  labelValues(label: string, signal?: AbortSignal): Promise<Answer<readonly string[]>>;
  /** The series that a selector matches since `start`, Unix seconds; no more than `limit`. */
  series(selector: string, start: number, limit: number, signal?: AbortSignal): Promise<Answer<readonly LabelSet[]>>;
  /** What is known of metrics, by name. */
  metadata(signal?: AbortSignal): Promise<Answer<Readonly<Record<string, readonly MetricMetadata[]>>>>;
}
