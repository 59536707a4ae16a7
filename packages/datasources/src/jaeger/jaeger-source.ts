import type { Frame, JsonObject } from "@narthex/dashboards";
import { answerEach } from "../answer-each.ts";
import {
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type QueryAnswer,
  type RequestContext,
  UNKNOWN_SENDER,
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { jaegerSpans } from "./jaeger-spans.ts";
import { type TraceSender, TraceWork } from "../traces/trace-work.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { JaegerApi } from "./jaeger-api.ts";
import { dependencyGraph, jaegerTable } from "./jaeger-frames.ts";
import { readJaegerTarget } from "./target.ts";

/** A Jaeger server. */
export class JaegerSource implements DataSource {
  readonly #work: TraceWork;
  readonly #api: JaegerApi;

  /** Throws QueryFailure if the URL or a duration in the settings is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#work = new TraceWork(settings, environment);
    this.#api = new JaegerApi(this.#work.server);
  }

  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    return answerEach(queries, signal, async (query) => ({
      frames: await this.#frames(query, cells, { user, signal }),
      status: 200,
    }));
  }

  async #frames(query: DataQuery, cells: ValueBudget, sender: TraceSender): Promise<readonly Frame[]> {
    const { refId, range } = query;
    const target = readJaegerTarget(query.source);
    if (!(range.from <= range.to)) throw new QueryFailure(400, "the range ends before it begins");
    switch (target.queryType) {
      case "search": {
        if (target.service === "") throw new QueryFailure(400, "the search names no service; choose one");
        const traces = await this.#work.send(["search", target, range], sender, (call) =>
          this.#api.search(target, range, call),
        );
        const settings = { refId, source: this.#work.source, cells };
        return [await this.#work.inSlices(jaegerTable(traces, settings), sender.signal)];
      }
      case "dependencyGraph": {
        const calls = await this.#work.send(["dependencies", range], sender, (call) =>
          this.#api.dependencies(range, call),
        );
        return dependencyGraph(calls, refId, cells);
      }
      case "upload":
        throw new QueryFailure(400, "the trace of this query was uploaded in a browser; upload it there again");
    }
    // Links from other sources may name a query type of Tempo.
    if (target.query === "") throw new QueryFailure(400, "the query names no trace; write the id of a trace");
    const within = this.#work.rangeOfTrace(query);
    const trace = await this.#work.send(["trace", target.query, within], sender, (call) =>
      this.#api.trace(target.query, within, call),
    );
    return this.#work.traceFrames(jaegerSpans(trace), { refId, format: "jaeger", cells }, sender.signal);
  }

  health(signal: AbortSignal): Promise<Health> {
    return this.#work.health("Jaeger", async () => Array.isArray(await this.#api.services({ signal })));
  }

  /** Returns the names of all services (`services`), or of the operations of `service` (`operations`). */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    const service = textAt(body, "service");
    if (path !== "services" && path !== "operations")
      throw new QueryFailure(404, `there is no resource "${path}"; ask for services or operations`);
    if (path === "operations" && service === "") throw new QueryFailure(400, "the request names no service");
    const values = await this.#work.send(["resource", path, service], { user, signal }, (call) =>
      path === "services" ? this.#api.services(call) : this.#api.operations(service, call),
    );
    return { values };
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}
