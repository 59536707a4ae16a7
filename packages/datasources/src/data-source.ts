import type { Frame, JsonObject, MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { Matcher } from "@narthex/model";
import type { SqlEngine } from "./sql-engine.ts";
import type { RequestBudgets } from "./value-budget.ts";

/** Settings of a data source, with secrets in plain text. The settings are kept only in memory. */
export interface DataSourceSettings {
  readonly uid: string;
  readonly name: string;
  /** Plugin type as it is stored: `prometheus`, `alertmanager`, `grafana-testdata-datasource`. */
  readonly type: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly jsonData: JsonObject;
  readonly secureJsonData: Readonly<Record<string, string>>;
  /** Whether a provisioning file defines the source. Only such sources may use sockets in the file system. */
  readonly isProvisioned?: boolean;
}

/** A time range in epoch milliseconds, including both ends. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A query of a panel, with variables replaced. */
export interface DataQuery {
  readonly refId: string;
  readonly range: TimeRange;
  /** Time between two points that suits the panel's width, ms, and the number of points that fit into the panel. */
  readonly intervalMs: number;
  readonly maxDataPoints: number;
  /** Properties of the query that the data source defines, such as `expr` or `rawSql`. */
  readonly source: JsonObject;
  /** Budgets that all queries of a request share. If absent, each call of `query` creates its own budgets. */
  readonly budgets?: RequestBudgets;
}

/** The answer to a query: frames, or an error message, or both. */
export interface QueryAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP status: 200, 400, 422, 500, 502, 504. */
  readonly status: number;
  /** The thrown value if the error is a bug in this program. The value is logged, but not sent to the client. */
  readonly fault?: unknown;
}

/** An annotation, which is a mark on the time axis. */
export interface Annotation {
  /** Time in epoch milliseconds. For a region, `timeEnd` is its end. */
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

/** Whether a source works, with the message for the button "Save & test". */
export interface Health {
  readonly status: "OK" | "ERROR";
  readonly message: string;
}

/** Describes an answer that callers may share for a short time. */
export interface Sameness {
  /** Identifies everything that the answer depends on. */
  readonly key: string;
  /** Time in ms for which other callers may use the answer. */
  readonly freshMs: number;
}

/**
 * Returns the source that a target refers to by uid or name, or undefined. An empty reference means the default source.
 */
export type SourceOf = (reference: string) => DataSource | undefined;

/** The sender of a request. */
export interface RequestContext {
  /** Name of the user whose account and slots are used. */
  readonly user: string;
  /**
   * Returns other data sources, for sources that query them. A source that the sender of the request may not query is
   * replaced by one that refuses each query.
   */
  readonly sourceOf: SourceOf;
  /** Runs SQL expressions over the answers of the request. If absent, they are refused. */
  readonly sql?: SqlEngine | undefined;
}

/** The sender of requests without a context. */
export const UNKNOWN_SENDER: RequestContext = { user: "", sourceOf: () => undefined };

/** An open data source. Calls end early if their signal is aborted. */
export interface DataSource {
  /** Answers queries. Resolves with the answers by refId. A failed query does not affect the others. */
  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    context?: RequestContext,
  ): Promise<ReadonlyMap<string, QueryAnswer>>;
  /**
   * Returns the key and the time for which callers may share the answer to a query. Undefined if the answer must not be
   * shared.
   */
  sameness?(query: DataQuery): Sameness | undefined;
  health(signal: AbortSignal): Promise<Health>;
  /** Returns the options of a variable. The query is a text in old dashboards, or an object that the source defines. */
  variableValues?(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    context?: RequestContext,
  ): Promise<readonly VariableValue[]>;
  annotations?(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    context?: RequestContext,
  ): Promise<readonly Annotation[]>;
  /** Returns a listing for the editor of queries. Throws QueryFailure for an unknown path. */
  resource?(path: string, body: JsonObject, signal: AbortSignal, context?: RequestContext): Promise<JsonObject>;
  /**
   * Returns this source for people who may read only series that the matchers accept. Its answers are never shared with
   * other people. Missing in sources that cannot be limited.
   */
  limitedTo?(matchers: readonly Matcher[]): DataSource;
  metrics?(selector: string, range: TimeRange, signal: AbortSignal, context?: RequestContext): Promise<MetricAnswer>;
  close(): Promise<void>;
}
