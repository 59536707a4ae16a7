import type { ExpressionNode } from "../api/expression-tree.ts";
import type { QueryAnalysis } from "../api/narthex.ts";
import type { MetricMetadata } from "../api/prometheus.ts";
import type { ExemplarSeries, InstantResult, RangeResult } from "../api/query-result.ts";
import type { Answer } from "../api/request.ts";
import type { LabelSet } from "../format/series-name.ts";

/** Evaluation times of a range query from `start` to `end`, Unix seconds. */
export interface TimeGrid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Time for which a query is analysed: one evaluation time in Unix seconds, or a range. */
export type AnalysisTime = { readonly time: number } | TimeGrid;

/** Optional features of a data source. Pages offer only the features that the data source supports. */
export interface Capabilities {
  /** Language of the queries, which determines highlighting, completion and checks in the editor. */
  readonly language: "promql" | "text";
  /** Returns a query in Prometheus' standard format. */
  readonly format?: (query: string) => Promise<Answer<string>>;
  /** Returns the exemplars of a query's series between two times, Unix seconds. */
  readonly exemplars?: (
    query: string,
    start: number,
    end: number,
    signal?: AbortSignal,
  ) => Promise<Answer<readonly ExemplarSeries[]>>;
  /** Parses a query into a tree. The text of each node is itself a query. */
  readonly parse?: (query: string, signal?: AbortSignal) => Promise<Answer<ExpressionNode>>;
  /**
   * Runs a query and returns measurements of its evaluation: cost and result size of each operator, and the reason for
   * an empty result.
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
  /** Returns the values of a label. For `__name__`, these are metric names. */
  labelValues(label: string, signal?: AbortSignal): Promise<Answer<readonly string[]>>;
  /** Returns at most `limit` series that match a selector and have samples since `start`, Unix seconds. */
  series(selector: string, start: number, limit: number, signal?: AbortSignal): Promise<Answer<readonly LabelSet[]>>;
  metadata(signal?: AbortSignal): Promise<Answer<Readonly<Record<string, readonly MetricMetadata[]>>>>;
}
