import { type Frame, influxqlTokens, type JsonObject, type Notice } from "@narthex/dashboards";
import { JsonProblem } from "@narthex/http/answer";
import { runInTimeSlices, type Steps } from "@narthex/runtime";
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
import { textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { MAX_OPTIONS } from "../sql/sql-answers.ts";
import { LongTexts, requestBudgets, type ValueBudget } from "../value-budget.ts";
import { fluxFrames } from "./flux/flux-frames.ts";
import { filledFlux } from "./flux/flux-query.ts";
import {
  annotationQuery,
  frameAnnotations,
  frameOptions,
  seriesAnnotations,
  seriesOptions,
  variableText,
} from "./influxdb-answers.ts";
import { InfluxdbServer } from "./influxdb-server.ts";
import { clientSettings, type InfluxdbSettings, influxdbSettings } from "./influxdb-settings.ts";
import { fillMacros, influxqlOf } from "./influxql/build-influxql.ts";
import { filterConditions, quotedName } from "./influxql/influxql-conditions.ts";
import { type InfluxqlAnswer, readInfluxqlAnswer } from "./influxql/influxql-answer.ts";
import { influxqlFrames } from "./influxql/influxql-frames.ts";
import { readInfluxqlTarget } from "./influxql/influxql-target.ts";
import { checkReadOnly } from "./influxql/read-only.ts";

/** Step of queries without a panel: those of variables and annotations. */
const USUAL_STEP_MS = 60_000;
/** Largest number of names in a listing for the editor of queries. */
const MAX_LISTED = 10_000;

/** A query in InfluxQL as the server gets it. */
interface Statement {
  readonly text: string;
  readonly policy: string;
  readonly maxSeries: number;
}

/** The sender of a request, with the cells that the request has left. */
interface Sender {
  readonly user: string;
  readonly signal: AbortSignal;
  readonly cells: ValueBudget;
}

/** Returns functions that count the cells of an answer, and then its texts as far as they are longer than usual. */
function countedCells(cells: ValueBudget): {
  readonly take: (count: number) => void;
  readonly takeTexts: (bytes: number) => void;
} {
  const texts = new LongTexts(cells);
  return {
    take: (count) => {
      cells.take(count);
      texts.counted(count);
    },
    takeTexts: (bytes) => texts.take(bytes),
  };
}

/** An InfluxDB server, or one that is compatible with its query API. */
export class InfluxdbSource implements DataSource {
  readonly #environment: DataSourceEnvironment;
  readonly #settings: InfluxdbSettings;
  readonly #server: InfluxdbServer;
  readonly #requests: SourceRequests;

  /** Throws QueryFailure if the settings are invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#environment = environment;
    this.#requests = new SourceRequests(environment.desk, settings.uid);
    this.#settings = influxdbSettings(settings);
    const client = new SourceClient(clientSettings(settings, this.#settings.isFlux), environment);
    const timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
    this.#server = new InfluxdbServer(client, this.#settings, timeoutMs);
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    const sender = { user, signal, cells };
    return answerEach(queries, signal, async (query) => {
      if (!(query.range.from <= query.range.to)) throw new QueryFailure(400, "the range ends before it begins");
      return { frames: await this.#frames(query, sender), status: 200 };
    });
  }

  #frames(query: DataQuery, sender: Sender): Promise<readonly Frame[]> {
    if (this.#settings.isFlux) return this.#fluxFrames(textAt(query.source, "query"), query, sender);
    return this.#influxqlFrames(query, sender);
  }

  async #influxqlFrames(query: DataQuery, sender: Sender): Promise<readonly Frame[]> {
    const { refId, source, intervalMs } = query;
    const target = readInfluxqlTarget(source);
    const { rawText, alias, resultFormat, policy } = target;
    if (rawText === undefined && target.measurement.trim() === "") return [];
    const { maxSeries } = this.#settings;
    const notices: Notice[] = [];
    const built = rawText === undefined ? influxqlOf(target, query) : this.#rawText(rawText, query, target, notices);
    const text = built.trim();
    const answer = await this.#ask({ text, policy, maxSeries }, sender);
    const take = (count: number): void => sender.cells.take(count);
    const settings = { refId, text, alias, resultFormat, intervalMs, maxFrames: maxSeries, take };
    const { frames, isCut } = await this.#run(influxqlFrames(answer, settings));
    for (const message of answer.messages) notices.push({ severity: "warning", text: message });
    if (answer.isPartial)
      notices.push({ severity: "warning", text: "InfluxDB has left out rows, because its own limit was reached" });
    if (answer.isCut || isCut)
      notices.push({
        severity: "warning",
        text: `the query returns more than ${maxSeries} series; the others are not shown. "Max series" of the source sets the limit`,
      });
    if (notices.length === 0) return frames;
    const [first = { refId, length: 0, fields: [], meta: { executedQueryString: text } }, ...others] = frames;
    return [{ ...first, meta: { ...first.meta, notices } }, ...others];
  }

  #rawText(
    text: string,
    query: DataQuery,
    { adHocFilters }: Pick<ReturnType<typeof readInfluxqlTarget>, "adHocFilters">,
    notices: Notice[],
  ): string {
    if (adHocFilters.length > 0 && !text.includes("$timeFilter"))
      notices.push({
        severity: "warning",
        text: "the filters of the dashboard do not apply, because the query does not contain $timeFilter",
      });
    return fillMacros(text, query, filterConditions(adHocFilters));
  }

  async #fluxFrames(given: string, query: DataQuery, sender: Sender, most?: number): Promise<readonly Frame[]> {
    if (given.trim() === "") return [];
    const text = filledFlux(given, query, this.#settings);
    const bytes = await this.#requests.send(JSON.stringify(["flux", text]), sender, (call) =>
      this.#server.flux(text, call),
    );
    const { maxSeries } = this.#settings;
    const { take, takeTexts } = countedCells(sender.cells);
    const settings = { refId: query.refId, text, maxSeries: most ?? maxSeries, take };
    const frames = await this.#run(fluxFrames(new TextDecoder().decode(bytes), settings));
    takeTexts(bytes.length);
    return frames;
  }

  async #ask({ text, policy, maxSeries }: Statement, sender: Sender): Promise<InfluxqlAnswer> {
    if (!hasWords(text)) throw new QueryFailure(400, "the query is empty");
    checkReadOnly(text);
    const bytes = await this.#requests.send(JSON.stringify(["influxql", policy, text]), sender, (call) =>
      this.#server.influxql(text, policy, call),
    );
    const { take, takeTexts } = countedCells(sender.cells);
    try {
      const steps = readInfluxqlAnswer(bytes, { maxSeries, take });
      const answer = await this.#run(steps);
      takeTexts(bytes.length);
      return answer;
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      throw new QueryFailure(502, `the data source does not answer as InfluxDB does: ${error.message}`);
    }
  }

  async #run<T>(steps: Steps<T>): Promise<T> {
    return runInTimeSlices(this.#environment.clock, steps);
  }

  async health(signal: AbortSignal): Promise<Health> {
    const sender = { user: "", signal, cells: requestBudgets().cells };
    const now = this.#environment.clock.now();
    try {
      if (this.#settings.isFlux) {
        const query = { ...withoutPanel({ from: now, to: now }), refId: "health" };
        const frames = await this.#fluxFrames("buckets()", query, sender);
        return working(
          frames.reduce((sum, { length }) => sum + length, 0),
          "buckets",
        );
      }
      const statement = { text: "SHOW MEASUREMENTS", policy: "", maxSeries: 1 };
      const { series } = await this.#ask(statement, sender);
      const count = series[0]?.values[0]?.length ?? 0;
      const { database } = this.#settings;
      // A database that does not exist also has no measurements. Only this statement reports it.
      if (count === 0 && database !== "")
        await this.#ask({ ...statement, text: `SHOW RETENTION POLICIES ON ${quotedName(database)}` }, sender);
      return working(count, "measurements");
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: `Error reading InfluxDB: ${error.message}` };
    }
  }

  async variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const text = variableText(query);
    if (text.trim() === "") return [];
    const sender = { user, signal, cells: requestBudgets().cells };
    if (this.#settings.isFlux)
      return this.#run(frameOptions(await this.#fluxFrames(text, withoutPanel(range), sender, MAX_OPTIONS)));
    const filled = fillMacros(text, withoutPanel(range));
    const { series } = await this.#ask({ text: filled, policy: "", maxSeries: MAX_OPTIONS }, sender);
    return this.#run(seriesOptions(series, filled));
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const { text, columns } = annotationQuery(query);
    if (text.trim() === "") return [];
    const sender = { user, signal, cells: requestBudgets().cells };
    if (this.#settings.isFlux)
      return frameAnnotations(await this.#fluxFrames(text, withoutPanel(range), sender), columns);
    const filled = fillMacros(text, withoutPanel(range));
    const statement = { text: filled, policy: "", maxSeries: this.#settings.maxSeries };
    return seriesAnnotations((await this.#ask(statement, sender)).series, columns);
  }

  /** Lists the measurements, or the fields and tags of the measurement `table`, for the completion of queries. */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    if (path !== "tables" && path !== "columns")
      throw new QueryFailure(404, `unknown listing "${path}"; there are tables and columns`);
    if (this.#settings.isFlux) return { [path]: [] };
    const sender = { user, signal, cells: requestBudgets().cells };
    const list = async (text: string): Promise<readonly string[]> => {
      const { series } = await this.#ask({ text, policy: "", maxSeries: MAX_LISTED }, sender);
      const options = await this.#run(seriesOptions(series, text));
      return options.slice(0, MAX_LISTED).map(({ value }) => value);
    };
    if (path === "tables") return { tables: await list("SHOW MEASUREMENTS") };
    const from = quotedName(textAt(body, "table"));
    const [fields, tags] = await Promise.all([
      list(`SHOW FIELD KEYS FROM ${from}`),
      list(`SHOW TAG KEYS FROM ${from}`),
    ]);
    return {
      columns: [...fields.map((name) => ({ name, type: "field" })), ...tags.map((name) => ({ name, type: "tag" }))],
    };
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

const withoutPanel = (range: TimeRange): DataQuery => ({
  refId: "",
  range,
  intervalMs: USUAL_STEP_MS,
  maxDataPoints: 1,
  source: {},
});

const working = (count: number, what: string): Health => ({
  status: "OK",
  message: `datasource is working. ${count} ${what} found`,
});

function hasWords(text: string): boolean {
  for (const { kind, start } of influxqlTokens(text)) if (kind !== "comment" && text[start] !== ";") return true;
  return false;
}
