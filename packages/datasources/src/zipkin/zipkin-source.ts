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
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import { rangeIn } from "../traces/resource-range.ts";
import { type TraceSender, TraceWork } from "../traces/trace-work.ts";
import { zipkinSpans } from "./zipkin-spans.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";

/** Largest number of names, and of traces, of a listing. */
const MAX_LISTED = 40_000;
const MAX_TRACES = 100;

/** A Zipkin server. */
export class ZipkinSource implements DataSource {
  readonly #work: TraceWork;

  /** Throws QueryFailure if the URL is invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#work = new TraceWork(settings, environment);
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

  async #frames({ refId, source }: DataQuery, cells: ValueBudget, sender: TraceSender): Promise<readonly Frame[]> {
    if (textAt(source, "queryType") === "upload")
      throw new QueryFailure(400, "the trace of this query was uploaded in a browser; upload it there again");
    const id = textAt(source, "query").trim();
    if (id === "") throw new QueryFailure(400, "the query names no trace; write the id of a trace");
    const trace = await this.#work.send(["trace", id], sender, (call) =>
      this.#work.server.find(`/api/v2/trace/${encodeURIComponent(id)}`, new URLSearchParams(), call),
    );
    if (trace === undefined) throw new QueryFailure(404, `the data source has no trace ${id}`);
    return this.#work.traceFrames(zipkinSpans(listOf(trace)), { refId, format: "zipkin", cells }, sender.signal);
  }

  health(signal: AbortSignal): Promise<Health> {
    return this.#work.health("Zipkin", async () => Array.isArray(await this.#services({ signal })));
  }

  /**
   * Returns the names of all services (`services`), of the spans of `serviceName` (`spans`), or the newest traces of a
   * service and span (`traces`).
   */
  async resource(
    path: string,
    body: JsonObject,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<JsonObject> {
    const serviceName = textAt(body, "serviceName");
    const sender = { user, signal };
    if (path === "services")
      return { values: await this.#work.send(["services"], sender, (call) => this.#services(call)) };
    if (path !== "spans" && path !== "traces")
      throw new QueryFailure(404, `there is no resource "${path}"; ask for services, spans or traces`);
    if (serviceName === "") throw new QueryFailure(400, "the request names no service");
    const parameters = new URLSearchParams({ serviceName });
    if (path === "spans")
      return {
        values: await this.#work.send(["spans", serviceName], sender, (call) =>
          this.#texts("/api/v2/spans", parameters, call),
        ),
      };
    const [range, spanName] = [rangeIn(body), textAt(body, "spanName")];
    if (spanName !== "") parameters.set("spanName", spanName);
    if (range !== undefined) {
      parameters.set("endTs", String(Math.ceil(range.to)));
      parameters.set("lookback", String(Math.max(1, Math.ceil(range.to - range.from))));
    }
    parameters.set("limit", String(MAX_TRACES));
    const traces = await this.#work.send(["traces", String(parameters)], sender, (call) =>
      this.#work.server.get("/api/v2/traces", parameters, call),
    );
    return { traces: listOf(traces).slice(0, MAX_TRACES) };
  }

  #services(call: ApiCall): Promise<readonly string[]> {
    return this.#texts("/api/v2/services", new URLSearchParams(), call);
  }

  async #texts(path: string, parameters: URLSearchParams, call: ApiCall): Promise<readonly string[]> {
    return listOf(await this.#work.server.get(path, parameters, call))
      .filter((value) => typeof value === "string")
      .slice(0, MAX_LISTED);
  }

  close(): Promise<void> {
    return this.#work.server.close();
  }
}

function listOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) throw new QueryFailure(502, "the data source does not answer as Zipkin does");
  return answer as readonly unknown[];
}
