import type { Frame, JsonObject, MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { RequestBudgets } from "./value-budget.ts";

/** How a source is reached, secrets in the clear: it lives in memory only. */
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

/** From the first to the last millisecond, epoch; both belong to it. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A target of a panel, its variables filled in. */
export interface DataQuery {
  readonly refId: string;
  readonly range: TimeRange;
  /** The step that suits the panel's width, and how many points it has room for. */
  readonly intervalMs: number;
  readonly maxDataPoints: number;
  /** What the source understands: `expr`, `rawSql` … */
  readonly source: JsonObject;
  /** Of the request that it belongs to; without it, those who are asked together have budgets of their own. */
  readonly budgets?: RequestBudgets;
}

/** A query's answer, or in one sentence why there is none. Frames may come beside an error. */
export interface QueryAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP's word for it: 200, 400, 422, 500, 502, 504. */
  readonly status: number;
  /** What was thrown where this program is at fault, for its log; whoever asked is not told. */
  readonly fault?: unknown;
}

/** A mark on the time axis. */
export interface Annotation {
  /** Epoch milliseconds; `timeEnd` of a region. */
  readonly time: number;
  readonly timeEnd?: number;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
}

/** A choice that a variable's query gives. */
export interface VariableValue {
  readonly text: string;
  readonly value: string;
}

/** The metrics that a source has, and what it knows of them. */
export interface MetricAnswer {
  readonly series: readonly MetricSeries[];
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
}

/** Whether a source answers, in the words of "Save & test". */
export interface Health {
  readonly status: "OK" | "ERROR";
  readonly message: string;
}

/** That answers are the same for all who ask them at about this time. */
export interface Sameness {
  /** Says all that the answer depends on. */
  readonly key: string;
  /** How long an answer serves others, ms. */
  readonly freshMs: number;
}

/** One data source. Calls end early when the signal does. */
export interface DataSource {
  /**
   * Answers each query by its refId; one that fails leaves the others alone.
   *
   * @param user whom the queries' time and turns are counted for; absent: nobody known
   */
  query(queries: readonly DataQuery[], signal: AbortSignal, user?: string): Promise<ReadonlyMap<string, QueryAnswer>>;
  /** Whether others who ask about the same may have the same answer; undefined where each asks for himself. */
  sameness?(query: DataQuery): Sameness | undefined;
  health(signal: AbortSignal): Promise<Health>;
  /** What a variable may be. The query is the text of old dashboards or an object of the source's own. */
  variableValues?(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    user?: string,
  ): Promise<readonly VariableValue[]>;
  /** The marks that an annotation query of a dashboard gives. */
  annotations?(query: JsonObject, range: TimeRange, signal: AbortSignal, user?: string): Promise<readonly Annotation[]>;
  /** The metrics of the series that a selector chooses. */
  metrics?(selector: string, range: TimeRange, signal: AbortSignal, user?: string): Promise<MetricAnswer>;
  /** Gives back what the source holds: connections, caches. */
  close(): Promise<void>;
}
