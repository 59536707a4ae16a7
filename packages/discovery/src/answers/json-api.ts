import { JsonValue } from "./json-value.ts";
import { statusError } from "./answer-error.ts";
import type { DiscoveryClient, DiscoveryRequest, DiscoveryResponse } from "../discovery-client.ts";
import type { DiscoveryContext } from "../discoverer.ts";

export interface JsonApiOptions {
  readonly client: DiscoveryClient;
  readonly context: Pick<DiscoveryContext, "clock">;
  /** Beginning of all URLs, without a slash at the end. */
  readonly base: string;
  readonly timeoutMs: number;
  /** Returns the headers of a request, such as a token or the signature of the request. Called for each request. */
  readonly headers?: (
    request: OutgoingRequest,
  ) => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
}

/** The parts of a request that a signature covers. */
interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Parameters of a URL. Undefined parameters are omitted, and a list is sent as a parameter for each item. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** A JSON answer, with the headers in which some services return the number of items or the next page. */
export interface JsonAnswer {
  readonly json: JsonValue;
  readonly headers: DiscoveryResponse["headers"];
}

/** Method, body and further headers of a request. */
type JsonRequest = Pick<DiscoveryRequest, "method" | "headers" | "bodyHoldsSecret" | "secrets"> & {
  readonly body?: string;
};

/** Sends requests to a service whose answers are JSON. */
export class JsonApi {
  readonly #options: JsonApiOptions;

  constructor(options: JsonApiOptions) {
    this.#options = options;
  }

  /** Requests a path, and returns the JSON of the answer. Rejects with AnswerError for any status except 2xx. */
  async get(path: string, query: Query = {}): Promise<JsonValue> {
    return (await this.send(path, query)).json;
  }

  /** Like get(), but returns the headers as well, and can send another method and a body. */
  async send(path: string, query: Query = {}, request: JsonRequest = {}): Promise<JsonAnswer> {
    const { client, context, base, timeoutMs, headers } = this.#options;
    const url = `${base}${path}${queryText(query)}`;
    const { method = "GET", body = "" } = request;
    const own = { accept: "application/json", ...(await headers?.({ method, url, body })), ...request.headers };
    const answer = await client.request(url, { ...request, headers: own, timeoutMs });
    if (answer.status < 200 || answer.status > 299) throw statusError(url, answer, context.clock);
    return { json: await JsonValue.parse(answer.text, context.clock), headers: answer.headers };
  }
}

function queryText(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const item of value) params.append(name, String(item));
    else if (value !== undefined) params.append(name, String(value));
  }
  return params.size === 0 ? "" : `?${params.toString()}`;
}
