import { type Frame, type JsonObject, numericColumn } from "@narthex/dashboards";
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
import { objectAt, textAt, textsAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { MAX_ANNOTATIONS } from "../sql/sql-answers.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { GraphiteApi, withRange } from "./graphite-api.ts";
import { filledTarget, targetText } from "./graphite-target.ts";
import { graphiteOptions, readVariable } from "./graphite-variables.ts";
import { type GraphiteSeries, readEvents, readKeys, readSeries, splitTags } from "./read-graphite.ts";

/** Step and number of points of queries without a panel. */
const USUAL_STEP_MS = 60_000;
const USUAL_POINTS = 1000;
const HOUR_MS = 3_600_000;
const MAX_FUNCTIONS = 1000;

/** The sender of a request, with the cells that the request has left. */
interface Sender {
  readonly user: string;
  readonly signal: AbortSignal;
  readonly cells: ValueBudget;
}

/** A Graphite server, or one that is compatible with its render API. */
export class GraphiteSource implements DataSource {
  readonly #environment: DataSourceEnvironment;
  readonly #api: GraphiteApi;
  readonly #requests: SourceRequests;

  /** Throws QueryFailure if the settings are invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#environment = environment;
    this.#requests = new SourceRequests(environment.desk, settings.uid);
    const timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
    this.#api = new GraphiteApi(new SourceClient(settings, environment), environment.clock, timeoutMs);
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    const others = new Map(queries.map(({ refId, source }) => [refId, textAt(source, "target")]));
    return answerEach(queries, signal, async (query) => {
      const text = targetText(query.source);
      if (text.trim() === "") return { frames: [], status: 200 };
      const target = filledTarget(text, query, others);
      const series = await this.#render(target, query, { user, signal, cells });
      return { frames: framesOf(series, query.refId, target), status: 200 };
    });
  }

  async #render(
    target: string,
    { range, maxDataPoints }: Pick<DataQuery, "range" | "maxDataPoints">,
    sender: Sender,
  ): Promise<readonly GraphiteSeries[]> {
    if (!(range.from <= range.to)) throw new QueryFailure(400, "the range ends before it begins");
    const points = String(Math.max(1, Math.round(maxDataPoints)));
    const parameters = withRange(new URLSearchParams({ target, format: "json", maxDataPoints: points }), range);
    const bytes = await this.#requests.send(String(parameters), sender, (call) =>
      this.#api.send("POST", "/render", parameters, call),
    );
    return this.#api.read(readSeries(bytes, (count) => sender.cells.take(count)));
  }

  async health(signal: AbortSignal): Promise<Health> {
    const now = this.#environment.clock.now();
    const query = { range: { from: now - HOUR_MS, to: now }, maxDataPoints: USUAL_POINTS };
    try {
      const series = await this.#render("constantLine(100)", query, senderOf("", signal));
      if (series.length > 0) return { status: "OK", message: "Successfully connected to Graphite" };
      return {
        status: "ERROR",
        message: "The data source answers, but not as Graphite does: a constant has no series.",
      };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: `Graphite health check failed: ${error.message}` };
    }
  }

  async variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const { text, type } = readVariable(query);
    if (text === "") return [];
    const sender = senderOf(user, signal);
    if (type === "Default")
      return this.#requests.send(JSON.stringify(["variable", text, range]), sender, (call) =>
        graphiteOptions(this.#api, text, range, call),
      );
    const target = filledTarget(text, { refId: "", intervalMs: USUAL_STEP_MS }, new Map());
    const series = await this.#render(target, { range, maxDataPoints: USUAL_POINTS }, sender);
    const texts = series.flatMap((one) => {
      if (type === "Metric Name") return [one.target];
      return one.nulls.includes(0) ? [String(one.values[one.nulls.lastIndexOf(0)])] : [];
    });
    return [...new Set(texts)].map((value) => ({ text: value, value }));
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const sender = senderOf(user, signal);
    const inner = objectAt(query, "target") ?? {};
    const target = textAt(query, "target") || textAt(inner, "target");
    if (target !== "") {
      const filled = filledTarget(target, { refId: "", intervalMs: USUAL_STEP_MS }, new Map());
      return pointAnnotations(await this.#render(filled, { range, maxDataPoints: USUAL_POINTS }, sender));
    }
    const tags = [...tagsAt(query), ...tagsAt(inner)];
    const parameters = withRange(new URLSearchParams(), range);
    if (tags.length > 0) parameters.set("tags", [...new Set(tags)].join(" "));
    const bytes = await this.#requests.send(`events\u0000${String(parameters)}`, sender, (call) =>
      this.#api.send("GET", "/events/get_data", parameters, call),
    );
    const events = await this.#api.read(readEvents(bytes, MAX_ANNOTATIONS));
    return events.map(({ when, what, data, tags: own }) => ({
      time: when * 1000,
      title: what,
      text: data,
      tags: own,
    }));
  }

  /** Lists the names of functions, or the metrics below a path, for the completion of queries. */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    const sender = senderOf(user, signal);
    if (path === "functions") {
      const bytes = await this.#requests.send("functions", sender, (call) =>
        this.#api.send("GET", "/functions", new URLSearchParams({ pretty: "0" }), call),
      );
      return { functions: await this.#api.read(readKeys(bytes, MAX_FUNCTIONS)) };
    }
    if (path !== "metrics") throw new QueryFailure(404, `unknown listing "${path}"; there are functions and metrics`);
    const now = this.#environment.clock.now();
    const range = { from: now - HOUR_MS, to: now };
    const text = textAt(body, "query") || "*";
    const options = await this.#requests.send(JSON.stringify(["metrics", text]), sender, (call) =>
      graphiteOptions(this.#api, text, range, call),
    );
    return { metrics: options.map(({ value }) => value) };
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}

const senderOf = (user: string, signal: AbortSignal): Sender => ({ user, signal, cells: requestBudgets().cells });

/** Returns the frames of Grafana's server: one for each series, which is named by its target. */
function framesOf(series: readonly GraphiteSeries[], refId: string, text: string): readonly Frame[] {
  return series.map(({ target, tags, times, values, nulls }, at): Frame => {
    const labels = { ...tags };
    const head = { name: "value", labels, config: { displayNameFromDS: target } };
    return {
      refId,
      name: target,
      length: times.length,
      fields: [numericColumn({ name: "time" }, "time", times), numericColumn(head, "number", values, nulls)],
      meta: { type: "timeseries-multi", ...(at === 0 && { executedQueryString: text }) },
    };
  });
}

/** Returns an annotation for each point that has a value other than 0, titled by its series. */
function pointAnnotations(series: readonly GraphiteSeries[]): readonly Annotation[] {
  const annotations: Annotation[] = [];
  for (const { target, times, values, nulls } of series)
    for (const [row, time] of times.entries()) {
      if (nulls[row] === 1 || values[row] === 0) continue;
      if (annotations.length >= MAX_ANNOTATIONS) return annotations;
      annotations.push({ time, title: target, text: "", tags: [] });
    }
  return annotations;
}

const tagsAt = (query: JsonObject): readonly string[] => [
  ...splitTags(textAt(query, "tags")),
  ...textsAt(query, "tags"),
];
