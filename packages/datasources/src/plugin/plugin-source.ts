import type { Frame, JsonObject } from "@narthex/dashboards";
import { type PluginCall, PluginError, type PluginManifest, type PluginThread } from "@narthex/plugins";
import { answersInSlots } from "../cache/answers-in-slots.ts";
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
import type { DataSourceEnvironment } from "../environment.ts";
import { textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { SourceClient } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";
import { requestBudgets } from "../value-budget.ts";
import { checkedRequest, checkServer, redirectCheck, sendRequest } from "./plugin-request.ts";
import { readAnnotations, readHealth, readObject, readOptions } from "./plugin-values.ts";

/** The thread of a plugin, with its description. */
export interface RunningPlugin {
  readonly manifest: PluginManifest;
  readonly thread: PluginThread;
}

/** Time in ms that a call may take longer than its requests. */
const COMPUTING_MS = 10_000;
/** Largest body of an answer that a plugin reads, bytes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A data source whose queries a plugin answers. The plugin reaches the server only through this class. */
export class PluginSource implements DataSource {
  readonly #settings: DataSourceSettings;
  readonly #environment: DataSourceEnvironment;
  readonly #plugin: RunningPlugin;
  readonly #client: SourceClient;
  readonly #timeoutMs: number;
  readonly #checkRedirect: (url: URL) => void;

  /** Throws QueryFailure if the settings are invalid, or if the plugin may not reach the server. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment, plugin: RunningPlugin) {
    this.#settings = settings;
    this.#environment = environment;
    this.#plugin = plugin;
    const { maxAnswerBytes = MAX_ANSWER_BYTES } = environment;
    this.#client = new SourceClient(settings, {
      ...environment,
      maxAnswerBytes: Math.min(maxAnswerBytes, MAX_ANSWER_BYTES),
    });
    const base = new URL(settings.url);
    checkServer(plugin.manifest, base);
    this.#checkRedirect = redirectCheck(plugin.manifest, base);
    this.#timeoutMs = requestTimeoutMs(settings, undefined, environment.timeoutMs);
  }

  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    const { desk } = this.#environment;
    return answersInSlots(queries, { slots: desk.slots, source: this.#settings.uid, user, signal }, async (query) => {
      const { refId, range, intervalMs, maxDataPoints, source } = query;
      const asked = { refId, range, intervalMs, maxDataPoints, inputs: this.#inputs(source) };
      const frames = await this.#run(this.#plugin.thread.query(this.#call([asked]), signal));
      cells.take(frames.reduce((sum, { fields, length }) => sum + fields.length * length, 0));
      return frames.map((frame): Frame => ({ ...frame, refId }));
    });
  }

  async health(signal: AbortSignal): Promise<Health> {
    try {
      return readHealth(await this.#value("health", [], signal, UNKNOWN_SENDER));
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      return { status: "ERROR", message: error.message };
    }
  }

  async variableValues(
    query: string | JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    context: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const text = typeof query === "string" ? query : textAt(query, "query");
    return readOptions(await this.#value("variableValues", [text, range], signal, context));
  }

  async annotations(
    query: JsonObject,
    range: TimeRange,
    signal: AbortSignal,
    context: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    return readAnnotations(await this.#value("annotations", [textAt(query, "query"), range], signal, context));
  }

  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    context: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    return readObject(await this.#value("resource", [path, body], signal, context));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Calls a function in a slot of the user, so that one user cannot occupy the plugin with calls. */
  #value(
    name: PluginCall["name"],
    args: readonly unknown[],
    signal: AbortSignal,
    { user }: RequestContext,
  ): Promise<unknown> {
    return this.#environment.desk.slots.run(user, this.#settings.uid, signal, () =>
      this.#run(this.#plugin.thread.call({ ...this.#call(args), name }, signal)),
    );
  }

  #call(args: readonly unknown[]): Omit<PluginCall, "name"> {
    const { manifest } = this.#plugin;
    return {
      args,
      settings: pick(
        this.#settings.jsonData,
        manifest.settings.map(({ key }) => key),
      ),
      timeoutMs: this.#timeoutMs + COMPUTING_MS,
      request: async (given, signal) => {
        const request = { timeoutMs: this.#timeoutMs, checkRedirect: this.#checkRedirect };
        return sendRequest(this.#client, { ...checkedRequest(given), ...request }, signal);
      },
    };
  }

  #inputs(source: JsonObject): JsonObject {
    const { queryInputs } = this.#plugin.manifest;
    return pick(source, queryInputs.length === 0 ? ["text"] : queryInputs.map(({ key }) => key));
  }

  /** Waits for a call. An error of the plugin becomes the answer to the query, and is no fault of this program. */
  async #run<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof PluginError) throw new QueryFailure(502, error.message);
      throw error;
    }
  }
}

/** Returns the declared properties of an object that have simple values. A plugin gets nothing else. */
const pick = (json: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = Object.hasOwn(json, key) ? json[key] : undefined;
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[key, value]] : [];
    }),
  );
