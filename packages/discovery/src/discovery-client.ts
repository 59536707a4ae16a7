import { STATUS_CODES } from "node:http";
import type { HttpClientConfig } from "@narthex/config";
import {
  describeFailure,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  limitedBody,
  maskPassword,
  secretFormFields,
  secretHeaders,
  secretsOf,
  withoutSecrets,
} from "@narthex/http";
import type { DiscoveryContext } from "./discoverer.ts";
import { MAX_BODY_BYTES, TooLongError } from "./received-bytes.ts";

/** Maximum number of characters of an answer whose status is an error. */
const MAX_ERROR_LENGTH = 64 * 1024;

/** Time limit in ms of requests for which Prometheus has none. The limit ends a request that is never answered. */
export const LONGEST_REQUEST_MS = 60_000;

export interface DiscoveryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request with its deadline. The request ends when its own signal aborts or when the discoverer stops. */
export interface DiscoveryRequest extends HttpRequest {
  /** Time limit in ms. As in Go, 0 is no limit: LONGEST_REQUEST_MS applies. */
  readonly timeoutMs: number;
  /** Secrets in a body that is no form. Some services repeat the body when they refuse a request. */
  readonly secrets?: readonly string[];
}

/**
 * HTTP client of one discoverer. It closes when the discoverer stops, and its errors have the messages of Go's client.
 */
export class DiscoveryClient {
  readonly #http: HttpClient;
  readonly #context: DiscoveryContext;
  readonly #secrets: readonly string[];

  private constructor(http: HttpClient, context: DiscoveryContext, secrets: readonly string[]) {
    this.#http = http;
    this.#context = context;
    this.#secrets = secrets;
  }

  /** Opens a discovery client. Rejects if the TLS files of the configuration section cannot be read. */
  static async open(
    config: HttpClientConfig,
    context: DiscoveryContext,
    options: HttpClientOptions = {},
  ): Promise<DiscoveryClient> {
    const http = await context.connect(config, options);
    if (context.signal.aborted) void http.close();
    else context.signal.addEventListener("abort", () => void http.close(), { once: true });
    return new DiscoveryClient(http, context, secretsOf(config));
  }

  /**
   * Sends one request, and returns the answer for any HTTP status; the text of an error is without the secrets of the
   * request. Rejects on a network failure, at the deadline, or when the discoverer is stopped.
   */
  async request(
    url: string,
    { timeoutMs, headers = {}, signal, secrets = [], ...rest }: DiscoveryRequest,
  ): Promise<DiscoveryResponse> {
    const { clock, signal: stopping, userAgent, received } = this.#context;
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs || LONGEST_REQUEST_MS, () =>
      deadline.abort(new DOMException("context deadline exceeded", "TimeoutError")),
    );
    try {
      const ends = AbortSignal.any([deadline.signal, stopping, ...(signal === undefined ? [] : [signal])]);
      const sent = { "user-agent": userAgent, ...headers };
      const response = await this.#send(url, { ...rest, headers: sent, signal: ends });
      const { statusCode: status, headers: answered } = response;
      const body = await readBody(response.body, url);
      received?.add(body.length);
      const text = body.toString("utf8");
      if (status < 400) return { status, headers: answered, text };
      const hidden = [...this.#secrets, ...secretHeaders(sent), ...secretFormFields(sent, rest.body), ...secrets];
      return { status, headers: answered, text: withoutSecrets(text.slice(0, MAX_ERROR_LENGTH), hidden) };
    } catch (error) {
      if (error instanceof TooLongError) throw error;
      throw new Error(describeFailure(rest.method ?? "GET", url, error), { cause: error });
    } finally {
      cancel();
    }
  }

  /**
   * Sends an HTTP request. Retries a failed GET once, as Go's client does, because the server may have closed an idle
   * connection.
   */
  async #send(url: string, request: HttpRequest): ReturnType<HttpClient["request"]> {
    try {
      return await this.#http.request(url, request);
    } catch (error) {
      if ((request.method ?? "GET") !== "GET" || !wasClosed(error)) throw error;
      return this.#http.request(url, request);
    }
  }
}

const CLOSED: readonly (string | undefined)[] = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

const wasClosed = (error: unknown): boolean =>
  error instanceof Error && CLOSED.includes((error as NodeJS.ErrnoException).code);

function readBody(body: AsyncIterable<Uint8Array>, url: string): Promise<Buffer> {
  const tooLong = (): Error =>
    new TooLongError(`answer of ${maskPassword(url)} is longer than ${MAX_BODY_BYTES} bytes`);
  return limitedBody(body, MAX_BODY_BYTES, tooLong);
}

/**
 * Returns settings without credentials, for a discoverer that itself sends a token or a signature in the header
 * `Authorization`: the credentials of the section would replace that header.
 */
export const withoutCredentials = (config: HttpClientConfig): HttpClientConfig => ({
  ...config,
  basicAuth: undefined,
  authorization: undefined,
});

/** Returns an HTTP status as Go prints it: `503 Service Unavailable`. */
export const statusText = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trim();

/** Reports whether a Content-Type header is the one of JSON in UTF-8, as Prometheus demands it from some services. */
export const isJsonType = (type: string): boolean =>
  /^application\/json(?:;\s*charset=("utf-8"|utf-8))?$/i.test(type.trim());
