import type { Frame, JsonObject, Notice } from "@narthex/dashboards";
import { selectorOf } from "@narthex/http";
import { formatGoDuration, type Matcher } from "@narthex/model";
import { reasonOf, runInTimeSlices, type Steps } from "@narthex/runtime";
import { answerEach } from "../answer-each.ts";
import {
  type Annotation,
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type MetricAnswer,
  type QueryAnswer,
  type RequestContext,
  type Sameness,
  type TimeRange,
  UNKNOWN_SENDER,
  type VariableValue,
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { withAdHocFilters } from "./ad-hoc-filters.ts";
import { annotationQuery, annotationsOf } from "./annotations.ts";
import { exemplarFrame, sampleExemplars } from "./exemplar-frames.ts";
import { heatmapFrames } from "./heatmap-frame.ts";
import { isKeepable } from "./keepable.ts";
import { LimitedPrometheusApi } from "./limited-prometheus-api.ts";
import { type ApiCall, PrometheusApi, type PrometheusCalls } from "./prometheus-api.ts";
import { type PrometheusSettings, prometheusSettings } from "./prometheus-settings.ts";
import { alignRange, fillBuiltIns, queryStep } from "./query-step.ts";
import { type FrameSettings, seriesFrames } from "./series-frames.ts";
import type { QueryResult } from "./series.ts";
import { tableFrame } from "./table-frame.ts";
import { takeSeries } from "./take-series.ts";
import { type PrometheusTarget, readTarget } from "./target.ts";
import { variableValues } from "./variables.ts";

/** A query with its step, and with an expression in which variables have been replaced. */
interface PreparedQuery extends FrameSettings {
  readonly target: PrometheusTarget;
  /** Time range that the panel requested. In `aligned`, both ends are moved down to multiples of the step. */
  readonly range: TimeRange;
  readonly aligned: TimeRange;
  readonly user: string;
  /** Budgets that all frames of the request share: `cells` for tables, `values` for series. */
  readonly cells: ValueBudget;
  readonly values: ValueBudget;
}

/**
 * Number of Prometheus sources opened so far. The number is part of cache keys, so that a source that is opened again
 * does not use answers of its predecessor.
 */
let opened = 0;

/** Largest number of limits for which a source is kept. */
const MAX_LIMITED = 1000;

/** A Prometheus server, or a compatible one. */
export class PrometheusSource implements DataSource {
  readonly #settings: PrometheusSettings;
  readonly #environment: DataSourceEnvironment;
  readonly #api: PrometheusCalls;
  readonly #uid: string;
  /** Prefix of the keys of this source's shared and cached answers. */
  readonly #prefix: string;
  readonly #given: DataSourceSettings;
  /** The same source for people who may read only some series, by the selector of these series. */
  readonly #limited = new Map<string, PrometheusSource>();
  readonly #targets = new WeakMap<JsonObject, { readonly target: PrometheusTarget; readonly text: string }>();

  /**
   * Throws QueryFailure if the URL in the settings is invalid.
   * @param shared the API and the prefix of another source with the same settings; by default, opens connections
   */
  constructor(
    settings: DataSourceSettings,
    environment: DataSourceEnvironment,
    shared?: { readonly api: PrometheusCalls; readonly prefix: string },
  ) {
    this.#given = settings;
    this.#settings = prometheusSettings(settings, environment.timeoutMs);
    this.#environment = environment;
    this.#uid = settings.uid;
    this.#prefix = shared?.prefix ?? `${settings.uid}\u0000${++opened}\u0000`;
    this.#api = shared?.api ?? this.#openApi(settings);
  }

  #openApi(settings: DataSourceSettings): PrometheusApi {
    const client = new SourceClient(settings, this.#environment, this.#settings.customQueryParameters);
    return new PrometheusApi(client, this.#settings, this.#environment.clock);
  }

  /**
   * Returns this source for people who may read only series that the matchers accept. The returned source has other
   * cache keys, so that answers are not shared with other people.
   */
  limitedTo(matchers: readonly Matcher[]): DataSource {
    const selector = selectorOf(matchers);
    let limited = this.#limited.get(selector);
    if (limited === undefined) {
      const shared = {
        api: new LimitedPrometheusApi(this.#api, matchers),
        prefix: `${this.#prefix}${selector}\u0000`,
      };
      limited = new PrometheusSource(this.#given, this.#environment, shared);
      if (this.#limited.size >= MAX_LIMITED) this.#limited.clear();
      this.#limited.set(selector, limited);
    }
    return limited;
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const targets = queries.map(({ source }) => readTarget(source));
    const tables = targets.filter(({ format }) => format === "table").length;
    const { cells, series: values } = queries[0]?.budgets ?? requestBudgets();
    return answerEach(queries, signal, (query, i) => {
      const valueName = tables > 1 ? `Value #${query.refId}` : "Value";
      return this.#answer({ ...this.#prepare(query, targets[i]!, user), cells, values }, valueName, signal);
    });
  }

  /**
   * Returns the key of the answer, and the time for which callers may share the answer. An answer to a range query may
   * be shared for one step, an answer to an instant query at most until the next scrape. Answers to queries that are
   * never cached are never shared.
   */
  sameness(query: DataQuery): Sameness | undefined {
    const { keepsRanges, scrapeMs } = this.#settings;
    const { target, text } = this.#read(query.source);
    if (!keepsRanges || query.range.to > this.#environment.clock.now()) return undefined;
    const { stepMs } = queryStep(target, query, scrapeMs);
    const freshMs = target.instant ? Math.min(stepMs, scrapeMs) : stepMs;
    const { from, to } = alignRange(query.range, stepMs, target.utcOffsetSec);
    const moment = target.instant ? Math.floor(query.range.to / freshMs) : 0;
    const times = `${from} ${to} ${moment} ${query.intervalMs} ${query.range.to - query.range.from} ${stepMs}`;
    return { key: `${this.#prefix}${times}\u0000${query.refId}\u0000${text}`, freshMs };
  }

  /**
   * Returns the parsed target and its JSON text. The result is cached by object, because each refresh of each viewer
   * sends the same target.
   */
  #read(source: JsonObject): { readonly target: PrometheusTarget; readonly text: string } {
    let read = this.#targets.get(source);
    if (read === undefined) {
      read = { target: readTarget(source), text: JSON.stringify(source) };
      this.#targets.set(source, read);
    }
    return read;
  }

  async health(signal: AbortSignal): Promise<Health> {
    try {
      await this.#api.instant("1+1", this.#environment.clock.now(), { signal });
      return { status: "OK", message: "Successfully queried the Prometheus API." };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return {
        status: "ERROR",
        message: `${error.message} - There was an error returned querying the Prometheus API.`,
      };
    }
  }

  variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const { usesSeriesEndpoint } = this.#settings;
    return this.#shared(`variable\u0000${JSON.stringify([query, range])}`, user, signal, (call) =>
      variableValues(this.#api, query, range, usesSeriesEndpoint, call),
    );
  }

  metrics(
    selector: string,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<MetricAnswer> {
    return this.#shared(`metrics\u0000${JSON.stringify([selector, range])}`, user, signal, (call) =>
      this.#api.metrics(selector, range, call),
    );
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const prepared = annotationQuery(query, range);
    if (prepared.expr === "") return [];
    const result = await this.#range(
      prepared.expr,
      alignRange(range, prepared.stepMs, 0),
      prepared.stepMs,
      range,
      0,
      user,
      signal,
    );
    return annotationsOf(result, query, prepared.stepMs);
  }

  async close(): Promise<void> {
    this.#environment.desk.ranges.forget(this.#prefix);
    await this.#api.close();
  }

  #prepare(query: DataQuery, target: PrometheusTarget, user: string): Omit<PreparedQuery, "cells" | "values"> {
    if (target.expr.trim() === "") throw new QueryFailure(400, "the query has no expression");
    if (!(query.range.from <= query.range.to)) throw new QueryFailure(400, "the range ends before it begins");
    const step = queryStep(target, query, this.#settings.scrapeMs);
    return {
      target,
      user,
      refId: query.refId,
      expr: withAdHocFilters(fillBuiltIns(target.expr, step), target.adHocFilters),
      legendFormat: target.legendFormat,
      stepMs: step.stepMs,
      range: query.range,
      aligned: alignRange(query.range, step.stepMs, target.utcOffsetSec),
    };
  }

  /**
   * Runs the range, instant and exemplar queries of a target concurrently; a failure does not affect the other queries.
   * A failed exemplar query only adds a notice, because many data sources have no exemplars.
   */
  async #answer(prepared: PreparedQuery, valueName: string, signal: AbortSignal): Promise<QueryAnswer> {
    const { target, expr, aligned, stepMs, range, user } = prepared;
    const { instant, exemplar } = target;
    const parts = await Promise.allSettled([
      target.range ? this.#range(expr, aligned, stepMs, range, target.utcOffsetSec, user, signal) : undefined,
      instant ? this.#instant(expr, range.to, user, signal) : undefined,
      exemplar ? this.#exemplars(prepared, signal) : undefined,
    ]);
    if (signal.aborted) throw reasonOf(signal);
    const [ranged, instantly, exemplars] = parts;
    const frames: Frame[] = [];
    for (const part of [ranged, instantly])
      if (part.status === "fulfilled" && part.value !== undefined)
        for (const frame of await this.#frames(part.value, prepared, valueName)) frames.push(frame);
    const isEmpty = frames.length === 0;
    if (exemplars.status === "fulfilled" && exemplars.value !== undefined) frames.push(exemplars.value);
    const { notice, failures } = failuresOf(parts);
    if (failures.length > 0) return { ...answerOfFailure(failures[0]), frames: withExecuted(frames, prepared) };
    const all = isEmpty ? [emptyFrame(prepared), ...frames] : frames;
    return { frames: withExecuted(notice === undefined ? all : withNotice(all, notice), prepared), status: 200 };
  }

  async #frames(result: QueryResult, prepared: PreparedQuery, valueName: string): Promise<readonly Frame[]> {
    const frames = await runInTimeSlices(this.#environment.clock, framesOf(result, prepared, valueName));
    return withNotices(frames, prepared, noticesOf(result));
  }

  async #range(
    expr: string,
    aligned: TimeRange,
    stepMs: number,
    range: TimeRange,
    utcOffsetSec: number,
    user: string,
    signal: AbortSignal,
  ): Promise<QueryResult> {
    const { desk, clock } = this.#environment;
    const { overlapMs, keepsRanges } = this.#settings;
    const key = `${this.#prefix}range\u0000${stepMs}\u0000${utcOffsetSec}\u0000${expr}`;
    // A range that ends in the past is not cached, because it would only be requested again with the same end.
    const endsNow = range.to >= clock.now() - overlapMs;
    const request = { key, ...aligned, stepMs, overlapMs };
    return desk.flights.join(`${key}\u0000${aligned.from}\u0000${aligned.to}`, signal, async (shared) => {
      const send = (from: number): Promise<QueryResult> =>
        desk.slots.run(user, this.#uid, shared, (count) =>
          this.#api.range(expr, { from, to: aligned.to }, stepMs, { signal: shared, count }),
        );
      if (!keepsRanges || !endsNow || !isKeepable(expr)) return send(aligned.from);
      const plan = desk.ranges.plan(request);
      const requestedAt = clock.now();
      return desk.ranges.join(plan, await send(plan.from), requestedAt);
    });
  }

  #instant(expr: string, time: number, user: string, signal: AbortSignal): Promise<QueryResult> {
    return this.#shared(`instant\u0000${time}\u0000${expr}`, user, signal, (call) =>
      this.#api.instant(expr, time, call),
    );
  }

  /** Sends a request in one of the user's slots. If an identical request is running, waits for its answer instead. */
  #shared<T>(key: string, user: string, signal: AbortSignal, send: (call: ApiCall) => Promise<T>): Promise<T> {
    const { desk } = this.#environment;
    return desk.flights.join(this.#prefix + key, signal, (shared) =>
      desk.slots.run(user, this.#uid, shared, (count) => send({ signal: shared, count })),
    );
  }

  async #exemplars(prepared: PreparedQuery, signal: AbortSignal): Promise<Frame | undefined> {
    const { aligned, expr, stepMs, user } = prepared;
    const key = `exemplars\u0000${aligned.from}\u0000${aligned.to}\u0000${expr}`;
    const found = await this.#shared(key, user, signal, (call) => this.#api.exemplars(expr, aligned, call));
    if (found.length === 0) return undefined;
    return exemplarFrame(sampleExemplars(found, stepMs), prepared, this.#settings.destinations, prepared.cells);
  }
}

function* framesOf(result: QueryResult, prepared: PreparedQuery, valueName: string): Steps<readonly Frame[]> {
  const { cells, values, target } = prepared;
  if (result.resultType === "string") return seriesFrames(result, prepared);
  const isTable = target.format === "table";
  yield* takeSeries(result.series, { legendFormat: prepared.legendFormat, isTable }, values);
  if (target.format === "heatmap") return heatmapFrames(result, prepared, cells);
  if (!isTable) return seriesFrames(result, prepared);
  return result.series.length === 0 ? [] : [yield* tableFrame(result, prepared, valueName, cells)];
}

function withNotices(frames: readonly Frame[], prepared: PreparedQuery, notices: readonly Notice[]): readonly Frame[] {
  if (notices.length === 0) return frames;
  const shown = frames.length > 0 ? frames : [{ ...emptyFrame(prepared), name: "Warnings" }];
  return shown.map((frame) => ({ ...frame, meta: { ...frame.meta, notices } }));
}

const noticesOf = ({ warnings, infos }: QueryResult): readonly Notice[] => [
  ...warnings.map((text): Notice => ({ severity: "warning", text })),
  ...infos.map((text): Notice => ({ severity: "info", text })),
];

/**
 * Returns the errors of the failed queries, in the order of the queries. If the data source does not support exemplars,
 * returns a notice instead of an error.
 */
function failuresOf(parts: readonly PromiseSettledResult<unknown>[]): {
  readonly notice?: Notice;
  readonly failures: readonly unknown[];
} {
  const reasons = parts.map((part): unknown => (part.status === "rejected" ? part.reason : undefined));
  const exemplars = reasons.at(-1);
  if (!(exemplars instanceof QueryFailure)) return { failures: reasons.filter((reason) => reason !== undefined) };
  return {
    notice: { severity: "info", text: `no exemplars: ${exemplars.message}` },
    failures: reasons.slice(0, -1).filter((reason) => reason !== undefined),
  };
}

const withNotice = (frames: readonly Frame[], notice: Notice): readonly Frame[] =>
  frames.map((frame, i) =>
    i > 0 ? frame : { ...frame, meta: { ...frame.meta, notices: [...(frame.meta?.notices ?? []), notice] } },
  );

const emptyFrame = ({ refId }: PreparedQuery): Frame => ({ refId, length: 0, fields: [] });

const withExecuted = (frames: readonly Frame[], { expr, stepMs }: PreparedQuery): readonly Frame[] =>
  frames.map((frame, i) => {
    if (i > 0) return frame;
    const executedQueryString = `Expr: ${expr}\nStep: ${formatGoDuration(stepMs)}`;
    return { ...frame, meta: { ...frame.meta, executedQueryString } };
  });
