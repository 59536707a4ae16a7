import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { asObject, listAt, objectsAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import type { TraceServer } from "../traces/trace-server.ts";
import { logfmtTags } from "./logfmt.ts";
import type { JaegerTarget } from "./target.ts";

/** Largest number of services or operations of a listing. */
const MAX_LISTED = 40_000;

/** The HTTP API of Jaeger's query service. A failed call rejects with QueryFailure. */
export class JaegerApi {
  readonly #server: TraceServer;

  constructor(server: TraceServer) {
    this.#server = server;
  }

  /**
   * Returns a trace.
   * @param range times between which the trace is searched; undefined for all times
   */
  async trace(id: string, range: TimeRange | undefined, call: ApiCall): Promise<JsonObject> {
    const parameters = range === undefined ? new URLSearchParams() : microseconds(range);
    const found = await this.#server.find(`/api/traces/${encodeURIComponent(id)}`, parameters, call);
    const trace = objectsAt(asObject(found) ?? {}, "data")[0];
    if (trace !== undefined) return trace;
    throw new QueryFailure(
      404,
      `the data source has no trace ${id}${range === undefined ? "" : " in this time range"}`,
    );
  }

  async search(target: JaegerTarget, range: TimeRange, call: ApiCall): Promise<readonly JsonObject[]> {
    const parameters = microseconds(range);
    parameters.set("service", target.service);
    if (target.operation !== "") parameters.set("operation", target.operation);
    const tags = logfmtTags(target.tags);
    if (Object.keys(tags).length > 0) parameters.set("tags", JSON.stringify(tags));
    if (target.minDuration !== "") parameters.set("minDuration", target.minDuration);
    if (target.maxDuration !== "") parameters.set("maxDuration", target.maxDuration);
    parameters.set("limit", String(target.limit));
    parameters.set("lookback", "custom");
    return this.#data("/api/traces", parameters, call);
  }

  /** Returns the calls between services in a time range. */
  dependencies({ from, to }: TimeRange, call: ApiCall): Promise<readonly JsonObject[]> {
    const parameters = new URLSearchParams({ endTs: String(Math.ceil(to)), lookback: String(Math.ceil(to - from)) });
    return this.#data("/api/dependencies", parameters, call);
  }

  services(call: ApiCall): Promise<readonly string[]> {
    return this.#texts("/api/services", call);
  }

  operations(service: string, call: ApiCall): Promise<readonly string[]> {
    return this.#texts(`/api/services/${encodeURIComponent(service)}/operations`, call);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #data(path: string, parameters: URLSearchParams, call: ApiCall): Promise<readonly JsonObject[]> {
    return objectsAt(objectOf(await this.#server.get(path, parameters, call)), "data");
  }

  async #texts(path: string, call: ApiCall): Promise<readonly string[]> {
    const answer = objectOf(await this.#server.get(path, new URLSearchParams(), call));
    return listAt(answer, "data")
      .filter((value) => typeof value === "string")
      .slice(0, MAX_LISTED);
  }
}

const microseconds = ({ from, to }: TimeRange): URLSearchParams =>
  new URLSearchParams({ start: String(Math.floor(from) * 1000), end: String(Math.ceil(to) * 1000) });

function objectOf(answer: unknown): JsonObject {
  const object = asObject(answer);
  if (object === undefined) throw new QueryFailure(502, "the data source does not answer as Jaeger does");
  return object;
}
