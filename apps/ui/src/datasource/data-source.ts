import type { ExpressionNode } from "../api/expression-tree.ts";
import type { QueryAnalysis } from "../api/narthex.ts";
import type { MetricMetadata } from "../api/prometheus.ts";
import type { ExemplarSeries, InstantResult, RangeResult } from "../api/query-result.ts";
import type { Answer } from "../api/request.ts";
import type { LabelSet } from "../format/series-name.ts";

/** The evaluation times of a range query, Unix seconds: `start`, `start + step` … up to `end`. */
export interface TimeGrid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Time for which a query is analysed: a single time, Unix seconds, or a range. */
export type AnalysisTime = { readonly time: number } | TimeGrid;

/** Optional features of a data source. A page offers only the features of its query's data source. */
export interface Capabilities {
  /** Language of the queries, which determines highlighting, completion and checks in the editor. */
  readonly language: "promql" | "text";
  /** Formats a query. */
  readonly format?: (query: string) => Promise<Answer<string>>;
  /** Returns the exemplars of a query's series between two times, Unix seconds. */
  readonly exemplars?: (
    query: string,
    start: number,
    end: number,
    signal?: AbortSignal,
  ) => Promise<Answer<readonly ExemplarSeries[]>>;
  /** Returns the tree of a query's parts, each of which is also a query. */
  readonly parse?: (query: string, signal?: AbortSignal) => Promise<Answer<ExpressionNode>>;
  /**
   * Runs a query and returns how it was evaluated: the cost and result size of its parts, and the reason for an empty
   * result.
   */
  readonly analyze?: (query: string, at: AnalysisTime, signal?: AbortSignal) => Promise<Answer<QueryAnalysis>>;
}

/** A data source. A failed call rejects with an `ApiError`; a signal aborts it. */
export interface DataSource {
  /** Id in links to queries. */
  readonly id: string;
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Returns the value of a query at one time, Unix seconds. */
  query(query: string, time: number, signal?: AbortSignal): Promise<Answer<InstantResult>>;
  queryRange(query: string, grid: TimeGrid, signal?: AbortSignal): Promise<Answer<RangeResult>>;
  /** Returns the values of a label; those of `__name__` are the names of the metrics. */
  labelValues(label: string, signal?: AbortSignal): Promise<Answer<readonly string[]>>;
  /** Returns the series that a selector matches since `start`, Unix seconds; at most `limit`. */
  series(selector: string, start: number, limit: number, signal?: AbortSignal): Promise<Answer<readonly LabelSet[]>>;
  /** Returns the metadata of metrics by name. */
  metadata(signal?: AbortSignal): Promise<Answer<Readonly<Record<string, readonly MetricMetadata[]>>>>;
}
