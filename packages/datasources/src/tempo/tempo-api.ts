import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { asObject, listAt, objectsAt, textAt, textsAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import type { TraceServer } from "../traces/trace-server.ts";
import type { TempoTarget } from "./target.ts";

/** Largest number of names or values of a listing. */
const MAX_LISTED = 40_000;

/** The names of attributes that belong to a scope: `resource`, `span`, `intrinsic`. */
export interface TagScope {
  readonly name: string;
  readonly tags: readonly string[];
}

/** The HTTP API of Tempo. A failed call rejects with QueryFailure. */
export class TempoApi {
  readonly #server: TraceServer;

  constructor(server: TraceServer) {
    this.#server = server;
  }

  /**
   * Returns a trace as JSON of OTLP.
   * @param range times between which the trace is searched; undefined for all times
   */
  async trace(id: string, range: TimeRange | undefined, call: ApiCall): Promise<JsonObject> {
    const parameters = range === undefined ? new URLSearchParams() : seconds(range);
    for (const path of [`/api/v2/traces/${id}`, `/api/traces/${id}`]) {
      // Old servers do not know the first path, and answer 404 as for an unknown trace.
      const found = asObject(await this.#server.find(path, parameters, call));
      if (found !== undefined) return found;
    }
    const within = range === undefined ? "" : " in this time range";
    throw new QueryFailure(404, `the data source has no trace ${id}${within}`);
  }

  async search(query: string, target: TempoTarget, range: TimeRange, call: ApiCall): Promise<JsonObject> {
    const parameters = seconds(range);
    parameters.set("q", query);
    parameters.set("limit", String(target.limit));
    parameters.set("spss", String(target.spansPerTrace));
    return objectOf(await this.#server.get("/api/search", parameters, call));
  }

  /** Runs a metrics query over a range. */
  async metrics(query: string, range: TimeRange, stepMs: number, call: ApiCall): Promise<JsonObject> {
    const parameters = seconds(range);
    parameters.set("q", query);
    parameters.set("step", stepMs % 1000 === 0 ? `${stepMs / 1000}s` : `${stepMs}ms`);
    return objectOf(await this.#server.get("/api/metrics/query_range", parameters, call));
  }

  /** Runs a metrics query that returns one value of each series for the whole range. */
  async instantMetrics(query: string, range: TimeRange, call: ApiCall): Promise<JsonObject> {
    const parameters = seconds(range);
    parameters.set("q", query);
    return objectOf(await this.#server.get("/api/metrics/query", parameters, call));
  }

  /** Returns the names of attributes by scope. Old servers return them without scopes. */
  async tags(range: TimeRange | undefined, call: ApiCall): Promise<readonly TagScope[]> {
    const parameters = range === undefined ? new URLSearchParams() : seconds(range);
    const found = asObject(await this.#server.find("/api/v2/search/tags", parameters, call));
    if (found !== undefined)
      return objectsAt(found, "scopes").map((scope) => ({
        name: textAt(scope, "name"),
        tags: textsAt(scope, "tags").slice(0, MAX_LISTED),
      }));
    const older = objectOf(await this.#server.get("/api/search/tags", parameters, call));
    return [{ name: "", tags: textsAt(older, "tagNames").slice(0, MAX_LISTED) }];
  }

  /**
   * Returns the values of an attribute.
   * @param tag name with its scope: `resource.service.name`, `.http.method`, `status`
   * @param query a query in TraceQL whose spans have the values; empty for all spans
   */
  async tagValues(tag: string, query: string, range: TimeRange | undefined, call: ApiCall): Promise<readonly string[]> {
    const parameters = range === undefined ? new URLSearchParams() : seconds(range);
    if (query !== "") parameters.set("q", query);
    const path = `/api/v2/search/tag/${encodeURIComponent(tag)}/values`;
    const found = asObject(await this.#server.find(path, parameters, call));
    if (found !== undefined)
      return objectsAt(found, "tagValues")
        .slice(0, MAX_LISTED)
        .map((value) => textAt(value, "value"));
    const plain = tag.replace(/^(?:resource|span)?\./, "");
    const older = await this.#server.get(`/api/search/tag/${encodeURIComponent(plain)}/values`, parameters, call);
    return listAt(objectOf(older), "tagValues")
      .filter((value) => typeof value === "string")
      .slice(0, MAX_LISTED);
  }

  /** Reports whether the server answers. */
  async isAlive(call: ApiCall): Promise<boolean> {
    return (await this.#server.answers("/api/echo", call)) || (await this.#server.answers("/ready", call));
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

/** Returns the parameters of a range, in seconds. The range includes all of its parts of seconds. */
const seconds = ({ from, to }: TimeRange): URLSearchParams =>
  new URLSearchParams({ start: String(Math.floor(from / 1000)), end: String(Math.ceil(to / 1000)) });

function objectOf(answer: unknown): JsonObject {
  const object = asObject(answer);
  if (object === undefined) throw new QueryFailure(502, "the data source does not answer as Tempo does");
  return object;
}
