import { type Frame, isMetricsQuery, isTraceId, type JsonObject, parseInterval } from "@narthex/dashboards";
import { answerEach } from "../answer-each.ts";
import {
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
import type { DataSourceEnvironment } from "../environment.ts";
import { takeJson } from "../json-cells.ts";
import { objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { otlpSpans } from "./otlp-spans.ts";
import { rangeIn } from "../traces/resource-range.ts";
import { type TraceSender, TraceWork } from "../traces/trace-work.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { metricFrames } from "./metric-frames.ts";
import { filtersToTraceql } from "./search-filters.ts";
import { spanTable, traceTable } from "./search-frames.ts";
import { serviceMap } from "./service-map.ts";
import { readTempoTarget, type TempoTarget } from "./target.ts";
import { TempoApi } from "./tempo-api.ts";
import { scopedTag, tempoVariableValues } from "./variables.ts";

/** Largest number of points of a metrics query, as in Tempo. */
const MAX_POINTS = 10_000;

interface Asked extends TraceSender {
  readonly query: DataQuery;
  readonly target: TempoTarget;
  readonly cells: ValueBudget;
}

/** A Tempo server. */
export class TempoSource implements DataSource {
  readonly #work: TraceWork;
  readonly #api: TempoApi;
  readonly #serviceMapUid: string;

  /** Throws QueryFailure if the URL or a duration in the settings is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#work = new TraceWork(settings, environment);
    this.#api = new TempoApi(this.#work.server);
    this.#serviceMapUid = textAt(objectAt(settings.jsonData, "serviceMap") ?? {}, "datasourceUid");
  }

  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    context: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    return answerEach(queries, signal, async (query) => {
      const asked = { query, target: readTempoTarget(query.source), cells, signal, user: context.user };
      return { frames: await this.#frames(asked, context), status: 200 };
    });
  }

  async #frames(asked: Asked, context: RequestContext): Promise<readonly Frame[]> {
    const { query, target, cells, signal } = asked;
    if (!(query.range.from <= query.range.to)) throw new QueryFailure(400, "the range ends before it begins");
    switch (target.queryType) {
      case "":
      case "traceql":
      case "traceId":
        if (target.query === "") throw new QueryFailure(400, "the query is empty; write a trace id or TraceQL");
        if (isTraceId(target.query)) return this.#trace(asked);
        return isMetricsQuery(target.query) ? this.#metrics(asked) : this.#search(target.query, asked);
      case "traceqlSearch":
        return this.#search(filtersToTraceql(target.filters), asked);
      case "serviceMap": {
        const uid = this.#serviceMapUid;
        const prometheus = uid === "" ? undefined : context.sourceOf(uid);
        return serviceMap(query, { prometheus, uid, target, cells, context }, signal);
      }
      case "upload":
        throw new QueryFailure(400, "the trace of this query was uploaded in a browser; upload it there again");
    }
    throw new QueryFailure(
      400,
      `the query type "${target.queryType}" is not supported; use traceql, traceqlSearch or serviceMap`,
    );
  }

  async #trace(asked: Asked): Promise<readonly Frame[]> {
    const { query, target, cells, signal } = asked;
    const range = this.#work.rangeOfTrace(query);
    const answer = await this.#work.send(["trace", target.query, range], asked, (call) =>
      this.#api.trace(target.query, range, call),
    );
    return this.#work.traceFrames(otlpSpans(answer), { refId: query.refId, format: "otlp", cells }, signal);
  }

  async #search(traceql: string, asked: Asked): Promise<readonly Frame[]> {
    const { query, target, cells } = asked;
    const { limit, spansPerTrace } = target;
    const key = ["search", traceql, query.range, limit, spansPerTrace];
    const answer = await this.#work.send(key, asked, (call) => this.#api.search(traceql, target, query.range, call));
    const executedQueryString = traceql;
    if (target.tableType === "raw") {
      await this.#work.inSlices(takeJson(answer, cells), asked.signal);
      const fields = [{ name: "response", type: "json", values: [answer], config: {} }] as const;
      return [{ refId: query.refId, name: "Raw response", length: 1, fields, meta: { executedQueryString } }];
    }
    const settings = { refId: query.refId, source: this.#work.source, cells };
    const steps = target.tableType === "spans" ? spanTable(answer, settings) : traceTable(answer, settings);
    const frame = await this.#work.inSlices(steps, asked.signal);
    return [{ ...frame, meta: { ...frame.meta, executedQueryString } }];
  }

  async #metrics(asked: Asked): Promise<readonly Frame[]> {
    const { query, target, cells } = asked;
    const { range, refId } = query;
    const stepMs = stepOf(target.step, query);
    const key = ["metrics", target.query, range, target.isInstant ? 0 : stepMs];
    const answer = await this.#work.send(key, asked, (call) =>
      target.isInstant
        ? this.#api.instantMetrics(target.query, range, call)
        : this.#api.metrics(target.query, range, stepMs, call),
    );
    const settings = { refId, time: range.to, isInstant: target.isInstant, cells };
    const frames = await this.#work.inSlices(metricFrames(answer, settings), asked.signal);
    const meta = { executedQueryString: target.query };
    if (frames.length === 0) return [{ refId, length: 0, fields: [], meta }];
    return frames.map((frame, i) => (i > 0 ? frame : { ...frame, meta: { ...frame.meta, ...meta } }));
  }

  health(signal: AbortSignal): Promise<Health> {
    return this.#work.health("Tempo", () => this.#api.isAlive({ signal }));
  }

  variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    return this.#work.send(["variable", query, range], { user, signal }, (call) =>
      tempoVariableValues(this.#api, query, range, call),
    );
  }

  /** Returns the names of attributes by scope (`tags`), or the values of the attribute `tag` (`tag-values`). */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    const range = rangeIn(body);
    const key = ["resource", path, body];
    if (path === "tags")
      return { scopes: await this.#work.send(key, { user, signal }, (call) => this.#api.tags(range, call)) };
    if (path !== "tag-values")
      throw new QueryFailure(404, `there is no resource "${path}"; ask for tags or tag-values`);
    const tag = textAt(body, "tag");
    if (tag === "") throw new QueryFailure(400, "the request names no tag");
    const values = await this.#work.send(key, { user, signal }, (call) =>
      this.#api.tagValues(scopedTag(tag), textAt(body, "query"), range, call),
    );
    return { values };
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}

/** Returns the step of a metrics query in ms: the configured one, or the one that suits the width of the panel. */
function stepOf(configured: string, { range, intervalMs }: DataQuery): number {
  const wanted = configured === "" ? intervalMs : parseInterval(configured);
  if (wanted === undefined) throw new QueryFailure(400, `the step "${configured}" is not a duration; write 30s or 5m`);
  const least = (range.to - range.from) / MAX_POINTS;
  return Math.max(1000, Math.ceil(Math.max(wanted, least) / 1000) * 1000);
}
