import type { JsonObject } from "@narthex/dashboards";
import type { Clock } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import { asObject, listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { isUnauthorized, statusOfAnswer, unauthorized } from "../outgoing/answer-failure.ts";
import { readJson } from "../outgoing/read-json.ts";
import type { SourceClient, SourceRequest } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import { indexNames } from "./index-pattern.ts";

/** Largest length of a server's text in a message, in characters. */
const SHOWN_CHARS = 1000;

export interface ElasticsearchSettings {
  /** Name of the index, or its pattern with dates. */
  readonly index: string;
  /** Interval of an index pattern with dates, or an empty text. */
  readonly interval: string;
  readonly maxConcurrentShardRequests: number;
  readonly includesFrozen: boolean;
  readonly timeoutMs: number;
}

/** The HTTP API of Elasticsearch and OpenSearch. A failed call rejects with QueryFailure. */
export class ElasticsearchApi {
  readonly #client: SourceClient;
  readonly #clock: Clock;
  readonly #settings: ElasticsearchSettings;

  constructor(client: SourceClient, clock: Clock, settings: ElasticsearchSettings) {
    this.#client = client;
    this.#clock = clock;
    this.#settings = settings;
  }

  /**
   * Runs searches in one request. Resolves with the answer to each search, in their order. An answer may be an error of
   * its own.
   */
  async searches(bodies: readonly JsonObject[], range: TimeRange, call: ApiCall): Promise<readonly JsonObject[]> {
    const { maxConcurrentShardRequests, includesFrozen } = this.#settings;
    const header = { search_type: "query_then_fetch", ignore_unavailable: true, index: this.#indexOf(range) };
    const lines = bodies.flatMap((body) => [header, body]).map((line) => `${JSON.stringify(line)}\n`);
    const parameters = new URLSearchParams({ max_concurrent_shard_requests: String(maxConcurrentShardRequests) });
    if (includesFrozen) parameters.set("ignore_throttled", "false");
    const body = { type: "application/x-ndjson", text: lines.join("") };
    const answer = await this.#send({ method: "POST", path: "/_msearch", parameters, body }, call);
    const responses = listAt(answer, "responses");
    return bodies.map((_, i) => {
      const response = asObject(responses[i]);
      if (response === undefined) throw new QueryFailure(502, "the data source answered fewer searches than were sent");
      return response;
    });
  }

  /** Returns the types of the fields of the indexes, by name. */
  async fieldTypes(fields: string, range: TimeRange, call: ApiCall): Promise<ReadonlyMap<string, readonly string[]>> {
    const parameters = new URLSearchParams({ fields, ignore_unavailable: "true" });
    const path = `/${encodeURIComponent(this.#indexOf(range))}/_field_caps`;
    const answer = await this.#send({ method: "GET", path, parameters }, call);
    const found = objectAt(answer, "fields") ?? {};
    return new Map(Object.keys(found).map((name) => [name, Object.keys(objectAt(found, name) ?? {})]));
  }

  /** Returns the state of the cluster: `green`, `yellow` or `red`. */
  async clusterState(call: ApiCall): Promise<string> {
    const parameters = new URLSearchParams({ wait_for_status: "yellow" });
    return textAt(await this.#send({ method: "GET", path: "/_cluster/health", parameters }, call), "status");
  }

  /** Runs a query in the piped language of OpenSearch. */
  ppl(query: string, call: ApiCall): Promise<JsonObject> {
    const body = { type: "application/json", text: JSON.stringify({ query }) };
    return this.#send({ method: "POST", path: "/_plugins/_ppl", parameters: new URLSearchParams(), body }, call);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #indexOf(range: TimeRange): string {
    return indexNames(this.#settings.index, this.#settings.interval, range).join(",");
  }

  async #send(request: Omit<SourceRequest, "timeoutMs" | "account">, call: ApiCall): Promise<JsonObject> {
    const { timeoutMs } = this.#settings;
    const response = await this.#client.send({ ...request, timeoutMs, account: call.count }, call.signal);
    try {
      if (isUnauthorized(response.status)) throw unauthorized();
      const isFine = response.status >= 200 && response.status < 300;
      const answer = asObject(await readJson(response, this.#clock).catch((error) => refuse(isFine, error)));
      if (isFine && answer !== undefined) return answer;
      const reason = answer === undefined ? "" : reasonOfError(answer["error"]);
      throw new QueryFailure(
        isFine ? 502 : statusOfAnswer(response.status),
        `the data source answered ${response.status} ${response.statusText}${reason === "" ? "" : `: ${reason}`}`,
      );
    } finally {
      response.close();
    }
  }
}

/** Returns undefined for the body of an error that is not JSON, such as a page of a proxy. */
function refuse(isFine: boolean, error: unknown): undefined {
  if (isFine || !(error instanceof QueryFailure)) throw error;
}

/** Returns the message of an error, or the message of its first cause if the error has causes. */
export function reasonOfError(error: unknown): string {
  if (typeof error === "string") return error.slice(0, SHOWN_CHARS);
  const object = asObject(error);
  if (object === undefined) return "";
  const root = objectsAt(object, "root_cause")[0] ?? {};
  const cause = objectAt(object, "caused_by") ?? {};
  const reason = textAt(root, "reason") || textAt(object, "reason") || textAt(cause, "reason");
  const details = textAt(object, "details");
  return (reason || details || "Unknown elasticsearch error response").slice(0, SHOWN_CHARS);
}
