import type { Frame, FrameMeta, JsonObject, Notice } from "@narthex/dashboards";
import { formatGoDuration } from "@narthex/model";
import { runInTimeSlices } from "@narthex/runtime";
import { abortableSteps } from "../abortable-steps.ts";
import { answerEach } from "../answer-each.ts";
import {
  type Annotation,
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type QueryAnswer,
  type RequestContext,
  type TimeRange,
  UNKNOWN_SENDER,
  type VariableValue,
} from "../data-source.ts";
import { SourceRequests } from "../cache/source-requests.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { numberAt, textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { seriesFrames } from "../prometheus/series-frames.ts";
import { takeSeries } from "../prometheus/take-series.ts";
import { QueryFailure } from "../query-failure.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { annotationTarget, lineAnnotations } from "./annotations.ts";
import { type DerivedField, derivedFieldsOf } from "./derived-fields.ts";
import { logFrame } from "./log-frame.ts";
import { contextLines, readContextRequest } from "./log-context.ts";
import { withLogFilters } from "./logql-filters.ts";
import { LokiApi, type LokiQuery } from "./loki-api.ts";
import {
  isKeepableLogql,
  metricRangeSettings,
  type MetricRangeSettings,
  overWholeSteps,
  runKept,
} from "./metric-ranges.ts";
import { fillLokiVariables, lokiStep } from "./loki-step.ts";
import type { LokiResult } from "./read-loki-answer.ts";
import { readLokiTarget } from "./target.ts";
import { lokiVariableValues } from "./variables.ts";

const DEFAULT_LINES = 1000;
/** Largest number of lines of a query. Loki itself refuses more by default. */
const MAX_LINES = 5000;
/** Step of queries for annotations, which have no panel. */
const ANNOTATION_STEP_MS = 60_000;

const tooLong = (timeoutMs: number): string =>
  `the search for derived fields took more than ${timeoutMs / 1000} s; ask for fewer lines or simplify the patterns of the fields`;

/** A query in which variables have been replaced and filters have been added. */
interface PreparedQuery extends LokiQuery {
  readonly refId: string;
  readonly legendFormat: string;
}

/**
 * Limits for the frames of a query: the cells of lines and the values of series that the request has left, and the
 * signal of its client.
 */
interface FrameLimits {
  readonly cells: ValueBudget;
  readonly values: ValueBudget;
  readonly signal: AbortSignal;
}

/** A Loki server, or one that is compatible with its query API. */
export class LokiSource implements DataSource {
  readonly #environment: DataSourceEnvironment;
  readonly #api: LokiApi;
  readonly #requests: SourceRequests;
  readonly #maxLines: number;
  readonly #timeoutMs: number;
  readonly #derived: readonly DerivedField[];
  readonly #ranges: MetricRangeSettings;

  /** Throws QueryFailure if the URL or a derived field in the settings is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    const { jsonData } = settings;
    this.#environment = environment;
    this.#requests = new SourceRequests(environment.desk, settings.uid);
    this.#maxLines = boundedLines(numberAt(jsonData, "maxLines"), DEFAULT_LINES);
    this.#derived = derivedFieldsOf(jsonData);
    this.#ranges = metricRangeSettings(jsonData);
    this.#timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
    this.#api = new LokiApi(new SourceClient(settings, environment), environment.clock, this.#timeoutMs);
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells, series: values } = queries[0]?.budgets ?? requestBudgets();
    return answerEach(queries, signal, async (query) => {
      const prepared = this.#prepare(query);
      const result = await this.#run(prepared, user, signal);
      return { frames: await this.#frames(result, prepared, { cells, values, signal }), status: 200 };
    });
  }

  #prepare({ refId, range, intervalMs, source }: DataQuery): PreparedQuery {
    const target = readLokiTarget(source);
    if (target.expr.trim() === "") throw new QueryFailure(400, "the query has no expression");
    if (!(range.from <= range.to)) throw new QueryFailure(400, "the range ends before it begins");
    const step = lokiStep(target, { range, intervalMs });
    return {
      refId,
      range,
      stepMs: step.stepMs,
      expr: withLogFilters(fillLokiVariables(target.expr, step), target.adHocFilters),
      isInstant: target.isInstant,
      maxLines: boundedLines(target.maxLines, this.#maxLines),
      direction: target.direction,
      legendFormat: target.legendFormat,
    };
  }

  #run(given: LokiQuery, user: string, signal: AbortSignal): Promise<LokiResult> {
    const isKept = this.#isKept(given);
    const query = isKept ? overWholeSteps(given) : given;
    const { expr, range, stepMs, isInstant, maxLines, direction } = query;
    const key = JSON.stringify([range.from, range.to, stepMs, isInstant, maxLines, direction, expr, isKept]);
    return this.#requests.send(key, { user, signal }, (call) => {
      const send = (part: LokiQuery): Promise<LokiResult> => this.#api.query(part, call);
      if (!isKept) return send(query);
      const { clock, desk } = this.#environment;
      const { overlapMs } = this.#ranges;
      const kept = { ranges: desk.ranges, prefix: this.#requests.prefix, overlapMs, now: () => clock.now(), send };
      return runKept(query, kept);
    });
  }

  /**
   * Reports whether the answer to a query is cached. A range that ends in the past is not cached, because it would only
   * be requested again with the same end.
   */
  #isKept({ isInstant, expr, exact, range }: LokiQuery): boolean {
    const { keepsRanges, overlapMs } = this.#ranges;
    if (!keepsRanges || isInstant || exact !== undefined) return false;
    return range.to >= this.#environment.clock.now() - overlapMs && isKeepableLogql(expr);
  }

  async #frames(result: LokiResult, prepared: PreparedQuery, limits: FrameLimits): Promise<readonly Frame[]> {
    const { cells, values, signal } = limits;
    const { clock } = this.#environment;
    const { refId, expr, stepMs, isInstant, legendFormat, maxLines } = prepared;
    const { logs, metrics, stats } = result;
    const meta = {
      ...(stats.length > 0 && { stats }),
      executedQueryString: metrics === undefined || isInstant ? `Expr: ${expr}` : stepText(expr, stepMs),
      ...noticesOf(result, maxLines),
    };
    if (logs !== undefined) {
      cells.take(logs.labelCells);
      const settings = { refId, derived: this.#derived, cells };
      const limit = { clock, timeoutMs: this.#timeoutMs, message: tooLong(this.#timeoutMs) };
      const steps = abortableSteps(logFrame(logs.lines, settings), signal, limit);
      const frame = await runInTimeSlices(clock, steps);
      return [{ ...frame, meta: { ...frame.meta, ...meta } }];
    }
    if (metrics !== undefined)
      await runInTimeSlices(clock, takeSeries(metrics.series, { legendFormat, isTable: false }, values));
    const frames = metrics === undefined ? [] : seriesFrames(metrics, { refId, expr: "{}", legendFormat, stepMs });
    if (frames.length === 0) return [{ refId, length: 0, fields: [], meta }];
    return frames.map((frame, i) => (i > 0 ? frame : { ...frame, meta: { ...frame.meta, ...meta } }));
  }

  async health(signal: AbortSignal): Promise<Health> {
    const now = this.#environment.clock.now();
    const query: LokiQuery = {
      expr: "vector(1)+vector(1)",
      range: { from: now, to: now },
      stepMs: 1000,
      isInstant: true,
      maxLines: 1,
      direction: "backward",
    };
    try {
      const { metrics } = await this.#api.query(query, { signal });
      if (metrics?.series[0]?.values[0] === 2) return { status: "OK", message: "Data source successfully connected." };
      return { status: "ERROR", message: "The data source answers, but not as Loki does: 1+1 is not 2." };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: `Unable to connect with Loki: ${error.message}` };
    }
  }

  variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    return this.#requests.send(`variable\u0000${JSON.stringify([query, range])}`, { user, signal }, (call) =>
      lokiVariableValues(this.#api, query, range, call),
    );
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const source = annotationTarget(query);
    if (textAt(source, "expr").trim() === "") return [];
    const asked = { refId: "Anno", range, intervalMs: ANNOTATION_STEP_MS, maxDataPoints: 1, source };
    const { logs } = await this.#run(this.#prepare(asked), user, signal);
    if (logs === undefined)
      throw new QueryFailure(400, "the query of the annotation returns series; write a query that returns log lines");
    return lineAnnotations(logs.lines, query);
  }

  /** Returns the lines before or after a line of the same stream. */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    if (path !== "log-context") throw new QueryFailure(404, `the data source returns "log-context", not "${path}"`);
    const request = readContextRequest(body);
    const key = JSON.stringify({ ...request, labels: [...request.labels] });
    const lines = await this.#requests.send(`context\u0000${key}`, { user, signal }, (call) =>
      contextLines(this.#api, request, call),
    );
    return { lines: lines.map(({ nanoseconds, text }) => ({ nanoseconds, text })) };
  }

  close(): Promise<void> {
    this.#environment.desk.ranges.forget(this.#requests.prefix);
    return this.#api.close();
  }
}

const boundedLines = (wanted: number | undefined, usual: number): number =>
  wanted !== undefined && wanted >= 1 ? Math.min(MAX_LINES, Math.floor(wanted)) : usual;

const stepText = (expr: string, stepMs: number): string => `Expr: ${expr}\nStep: ${formatGoDuration(stepMs)}`;

function noticesOf({ warnings, logs }: LokiResult, maxLines: number): Pick<FrameMeta, "notices"> {
  const notices = warnings.map((text): Notice => ({ severity: "warning", text }));
  if (logs?.isCut === true)
    notices.push({
      severity: "warning",
      text: `the data source sent more than the ${maxLines} lines of the query; the other lines are not shown`,
    });
  return notices.length === 0 ? {} : { notices };
}
