import { STATUS_CODES } from "node:http";
import type { HttpClientConfig } from "@narthex/config";
import type { Dispatcher } from "undici";
import { BegunConnections } from "./begun-connections.ts";
import { type Dispatchers, type DispatcherOptions, openDispatchers, originOf } from "./dispatchers.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { RequestFields } from "./request-head.ts";

export interface FullRequest {
  /** URL without user and password. */
  readonly url: URL;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly fields: RequestFields;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Path of the unix socket that this request uses; "" for none. */
  readonly socketPath: string;
}

/** Sends requests with undici, which supports HTTP/2 and every kind of proxy. Does not follow redirects. */
export class FullRequests {
  readonly #config: HttpClientConfig;
  readonly #options: Omit<DispatcherOptions, "begun">;
  readonly #begun: BegunConnections;
  #dispatchers: Promise<Dispatchers> | undefined;

  constructor(config: HttpClientConfig, options: Omit<DispatcherOptions, "begun">) {
    this.#config = config;
    this.#options = options;
    this.#begun = new BegunConnections(options.clock);
  }

  /**
   * Sends a request. Rejects with undici's error. The error has `reusedConnection: true` if the connection had been
   * opened for an earlier request.
   */
  async send({ url, method, fields, body, signal, socketPath }: FullRequest): Promise<Dispatcher.ResponseData> {
    this.#dispatchers ??= openDispatchers(this.#config, { ...this.#options, begun: this.#begun });
    const dispatchers = await this.#dispatchers;
    const origin = originOf(url);
    const before = this.#begun.count(origin);
    const answer = dispatchers.dispatcherFor(url, socketPath).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: separate(fields),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return answer.catch((error: unknown) => {
      if (before > 0 && this.#begun.count(origin) === before) Object.assign(error as Error, { reusedConnection: true });
      throw error;
    });
  }

  /**
   * Closes each connection after its last request. Resolves when all connections are closed. Afterwards no requests may
   * be sent.
   */
  async retire(): Promise<void> {
    await (await this.#dispatchers)?.close();
  }

  async close(): Promise<void> {
    await (await this.#dispatchers)?.destroy();
  }
}

/** Converts header fields to undici's form, in which a field with several values is a list. */
const separate = (fields: RequestFields): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => typeof value === "string" || value.length > 0)
      .map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );

/** Converts the status and header fields of undici's answer to the format of the connection pool. */
export function responseHead({ statusCode, headers }: Dispatcher.ResponseData): ResponseHead {
  return {
    status: statusCode,
    statusText: `${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trim(),
    contentType: first(headers["content-type"]),
    contentEncoding: first(headers["content-encoding"]),
    location: first(headers["location"]),
    retryAfter: first(headers["retry-after"]),
    framing: "close",
    length: 0,
    keepAlive: false,
  };
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
