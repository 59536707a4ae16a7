import type { Frame, JsonObject, MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { RequestBudgets } from "./value-budget.ts";

/** How a source is reached, with secrets in plain text: it is kept in memory only. */
export interface DataSourceSettings {
  readonly uid: string;
  readonly name: string;
  /** The plugin type as it was written: `prometheus`, `alertmanager`, `grafana-testdata-datasource`. */
  readonly type: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly jsonData: JsonObject;
  readonly secureJsonData: Readonly<Record<string, string>>;
}

/** Epoch milliseconds, both ends inclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A target of a panel, with its variables replaced. */
export interface DataQuery {
  readonly refId: string;
  readonly range: TimeRange;
  /** The step that suits the panel's width, and the number of points that fit into it. */
  readonly intervalMs: number;
  readonly maxDataPoints: number;
  /** Properties that the source defines: `expr`, `rawSql` … */
  readonly source: JsonObject;
  /** Budgets of the request. Without them, queries that are sent together get their own budgets. */
  readonly budgets?: RequestBudgets;
}

/** The answer to a query, or a sentence that says why there is none. An error can accompany frames. */
export interface QueryAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP status: 200, 400, 422, 500, 502, 504. */
  readonly status: number;
  /** The thrown value if it is a bug in this program. It is logged, but not sent to the client. */
  readonly fault?: unknown;
}

/** An annotation, which is a mark on the time axis. */
export interface Annotation {
  /** Epoch milliseconds; `timeEnd` is set for a region. */
  readonly time: number;
  readonly timeEnd?: number;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
}

/** An option that a variable's query returns. */
export interface VariableValue {
  readonly text: string;
  readonly value: string;
}

/** The metrics of a source, and their metadata. */
export interface MetricAnswer {
  readonly series: readonly MetricSeries[];
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
}

/** Whether a source answers, with the message for "Save & test". */
export interface Health {
  readonly status: "OK" | "ERROR";
  readonly message: string;
}

/** States that answers are the same for all callers at about this time. */
export interface Sameness {
  /** Everything that the answer depends on. */
  readonly key: string;
  /** Time for which others may use the answer, ms. */
  readonly freshMs: number;
}

/** One data source. Aborting the signal ends a call early. */
export interface DataSource {
  /**
   * Answers each query by its refId. A failed query does not affect the others.
   *
   * @param user the user whose account and slots are used; absent: unknown
   */
  query(queries: readonly DataQuery[], signal: AbortSignal, user?: string): Promise<ReadonlyMap<string, QueryAnswer>>;
  /** Returns the key and the time with which callers share an answer, or undefined if the answer must not be shared. */
  sameness?(query: DataQuery): Sameness | undefined;
  health(signal: AbortSignal): Promise<Health>;
  /** Returns the options of a variable. The query is a text in old dashboards, or an object that the source defines. */
  variableValues?(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    user?: string,
  ): Promise<readonly VariableValue[]>;
  /** Returns the annotations of an annotation query. */
  annotations?(query: JsonObject, range: TimeRange, signal: AbortSignal, user?: string): Promise<readonly Annotation[]>;
  /** Returns the metrics of the series that a selector selects. */
  metrics?(selector: string, range: TimeRange, signal: AbortSignal, user?: string): Promise<MetricAnswer>;
  /** Releases the source's resources: connections, caches. */
  close(): Promise<void>;
}
