import type { Frame, JsonObject } from "@narthex/dashboards";
import { runInTimeSlices, type Steps, TimeSlice } from "@narthex/runtime";
import { abortableSteps } from "../abortable-steps.ts";
import { answerOf } from "../answer-each.ts";
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
import { flagAt, numberAt, objectAt, textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { aggregationFrames, checkSearch } from "./aggregation-frames.ts";
import { annotationBody, annotationsOf } from "./annotations.ts";
import { type DocumentFields, documentFrame, rawDocumentFrame } from "./document-frames.ts";
import { ElasticsearchApi, reasonOfError } from "./elasticsearch-api.ts";
import { isPpl, pplFrame, pplText } from "./ppl.ts";
import { searchBody } from "./search-body.ts";
import { documentType, type ElasticsearchTarget, readElasticsearchTarget } from "./target.ts";
import { elasticsearchVariable } from "./variables.ts";

const DEFAULT_SHARD_REQUESTS = 5;
/** Longest work on an answer without a pause, ms. */
const SLICE_MS = 4;

interface Asked {
  readonly query: DataQuery;
  readonly target: ElasticsearchTarget;
  readonly body: JsonObject;
}

/** An Elasticsearch or OpenSearch cluster. */
export class ElasticsearchSource implements DataSource {
  readonly #environment: DataSourceEnvironment;
  readonly #api: ElasticsearchApi;
  readonly #requests: SourceRequests;
  readonly #fields: DocumentFields;

  /** Throws QueryFailure if the settings are invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    const { jsonData, name } = settings;
    this.#environment = environment;
    this.#requests = new SourceRequests(environment.desk, settings.uid);
    const index = textAt(jsonData, "index") || textAt(jsonData, "database") || settings.database;
    if (index === "") throw new QueryFailure(400, `data source "${name}" has no index; write its name under index`);
    this.#fields = {
      timeField: textAt(jsonData, "timeField") || "@timestamp",
      messageField: textAt(jsonData, "logMessageField"),
      levelField: textAt(jsonData, "logLevelField"),
    };
    this.#api = new ElasticsearchApi(new SourceClient(settings, environment), environment.clock, {
      index,
      interval: textAt(jsonData, "interval"),
      maxConcurrentShardRequests: numberAt(jsonData, "maxConcurrentShardRequests") || DEFAULT_SHARD_REQUESTS,
      includesFrozen: flagAt(jsonData, "includeFrozen") === true,
      timeoutMs: requestTimeoutMs(settings, undefined, environment.timeoutMs),
    });
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    const answers = new Map<string, QueryAnswer>();
    const asked: Asked[] = [];
    const piped: Promise<void>[] = [];
    for (const query of queries) {
      const { refId, source } = query;
      if (isPpl(source)) {
        const frames = this.#ppl(query, user, signal).then(async (one) => [await this.#inSlices(one(cells), signal)]);
        piped.push(answered(frames, signal).then((answer) => void answers.set(refId, answer)));
        continue;
      }
      try {
        const target = readElasticsearchTarget(source);
        asked.push({ query, target, body: this.#bodyOf(target, query) });
      } catch (error) {
        answers.set(refId, answerOfFailure(error));
      }
    }
    // Searches of one range are sent in one request. The queries of a panel may have ranges of their own.
    const groups = Map.groupBy(asked, ({ query: { range } }) => `${range.from} ${range.to}`);
    await Promise.all([
      ...piped,
      ...[...groups.values()].map(async (group) => {
        const responses = this.#searches(group, user, signal);
        for (const [i, one] of group.entries()) {
          const frames = responses.then((all) => this.#frames(all[i]!, one, { budget: cells, signal }));
          answers.set(one.query.refId, await answered(frames, signal));
        }
      }),
    ]);
    return answers;
  }

  #bodyOf(target: ElasticsearchTarget, { range, intervalMs }: DataQuery): JsonObject {
    if (!(range.from <= range.to)) throw new QueryFailure(400, "the range ends before it begins");
    return searchBody(target, { range, timeField: this.#fields.timeField, intervalMs });
  }

  #searches(group: readonly Asked[], user: string, signal: AbortSignal): Promise<readonly JsonObject[]> {
    const bodies = group.map(({ body }) => body);
    const { range } = group[0]!.query;
    return this.#requests.send(JSON.stringify(bodies), { user, signal }, (call) =>
      this.#api.searches(bodies, range, call),
    );
  }

  async #frames(
    response: JsonObject,
    { query, target, body }: Asked,
    { budget, signal }: { readonly budget: ValueBudget; readonly signal: AbortSignal },
  ): Promise<readonly Frame[]> {
    checkSearch(response, reasonOfError);
    const { refId } = query;
    const context = { refId, budget, ...this.#fields };
    const hits = objectAt(response, "hits") ?? {};
    const type = documentType(target);
    const frames =
      type === "raw_document"
        ? [await this.#inSlices(rawDocumentFrame(hits, context), signal)]
        : type !== undefined
          ? [await this.#inSlices(documentFrame(hits, type, context), signal)]
          : await this.#inSlices(aggregationFrames(objectAt(response, "aggregations") ?? {}, target, context), signal);
    const executedQueryString = JSON.stringify(body);
    if (frames.length === 0) return [{ refId, length: 0, fields: [], meta: { executedQueryString } }];
    return frames.map((frame, i) => (i > 0 ? frame : { ...frame, meta: { ...frame.meta, executedQueryString } }));
  }

  async #ppl({ refId, range, source }: DataQuery, user: string, signal: AbortSignal) {
    const text = pplText(source, range, this.#fields.timeField);
    const answer = await this.#requests.send(`ppl\u0000${text}`, { user, signal }, (call) => this.#api.ppl(text, call));
    const isSeries = textAt(source, "format") === "time_series";
    return (budget: ValueBudget): Steps<Frame> => pplFrame(answer, { refId, text, isSeries, budget });
  }

  async variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const ask = elasticsearchVariable(query, range, this.#fields.timeField);
    if (ask === undefined) return [];
    return this.#requests.send(`variable\u0000${JSON.stringify([query, range])}`, { user, signal }, (call) =>
      ask(this.#api, call),
    );
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const body = annotationBody(query, range, this.#fields.timeField);
    const [response] = await this.#requests.send(`annotations\u0000${JSON.stringify(body)}`, { user, signal }, (call) =>
      this.#api.searches([body], range, call),
    );
    checkSearch(response!, reasonOfError);
    return this.#inSlices(annotationsOf(objectAt(response!, "hits") ?? {}, query, this.#fields.timeField), signal);
  }

  async health(signal: AbortSignal): Promise<Health> {
    const now = this.#environment.clock.now();
    const { timeField } = this.#fields;
    try {
      const state = await this.#api.clusterState({ signal });
      if (state === "red") return { status: "ERROR", message: "Health check failed: the cluster is red" };
      const types = await this.#api.fieldTypes(timeField, { from: now, to: now }, { signal }).catch(ignoreRefusal);
      const isDate = types === undefined || (types.get(timeField) ?? []).some((type) => type.startsWith("date"));
      const warning = isDate ? "" : ` Warning: the index has no field named ${timeField} with dates.`;
      return { status: "OK", message: `Elasticsearch data source is healthy.${warning}` };
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: `Health check failed: ${error.message}` };
    }
  }

  async resource(
    path: string,
    _body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    if (path !== "fields") throw new QueryFailure(404, `the data source lists fields, not "${path}"`);
    const now = this.#environment.clock.now();
    const range = { from: now, to: now };
    const types = await this.#requests.send("fields", { user, signal }, (call) =>
      this.#api.fieldTypes("*", range, call),
    );
    return { fields: [...types].map(([name, [type = ""]]) => ({ name, type })) };
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  async #inSlices<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
    const { clock } = this.#environment;
    return await runInTimeSlices(clock, abortableSteps(steps, signal), new TimeSlice(clock, SLICE_MS));
  }
}

const answered = (frames: Promise<readonly Frame[]>, signal: AbortSignal): Promise<QueryAnswer> =>
  answerOf(async () => ({ frames: await frames, status: 200 }), signal);

/** Ignores a refused listing of fields: the user may search, but not see the mapping. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof QueryFailure)) throw error;
}
