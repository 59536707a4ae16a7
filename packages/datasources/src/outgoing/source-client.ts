import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import {
  type DialCounts,
  createHttpClient,
  type ExchangeClient,
  Proxies,
  type Signer,
  type StreamedAnswer,
} from "@narthex/http";
import { trimTrailing } from "@narthex/model";
import { type Clock, reasonOf } from "@narthex/runtime";
import type { DataSourceSettings } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import { cloudSigner } from "./cloud-signer.ts";
import { Destinations } from "./destinations.ts";
import { httpClientOf, withoutSecrets } from "./http-settings.ts";
import { reachFailure } from "./reach-failure.ts";

/** Default for the largest size of an answer after decompression, in bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CONNECTIONS = 32;

/** A request to a path below a source's URL. */
export interface SourceRequest {
  readonly method: "GET" | "POST";
  /** Path that begins with a slash and contains no parameters. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /**
   * Body of a POST request. The parameters are then part of the address. If absent, the parameters are the body, as a
   * form.
   */
  readonly body?: { readonly type: string; readonly text: string };
  /** Media types that the source may answer. Default: JSON. */
  readonly accept?: string;
  /** Throws QueryFailure if the request must not follow a redirect to a URL. Default: the rules of destinations decide. */
  readonly checkRedirect?: (url: URL) => void;
  /** Headers of the request, in addition to those in the source's settings. The headers must not contain secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Timeout in ms for receiving the complete answer. */
  readonly timeoutMs: number;
  /** Called with the number of bytes of each part of the answer that arrives; may throw QueryFailure. */
  readonly account?: ((bytes: number) => void) | undefined;
}

/** An answer whose body is still arriving. The body can be read once, completely or partly. */
export interface SourceResponse {
  readonly status: number;
  readonly statusText: string;
  /**
   * The parts of the body. Throws QueryFailure if the answer is too large, the timeout has passed, or the connection
   * breaks.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Releases the connection and the timer. Must be called. */
  close(): void;
}

export interface SourceClientOptions {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly dials?: DialCounts | undefined;
  readonly destinations?: Destinations;
  readonly maxAnswerBytes?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Sends requests to the server of one data source, with its credentials. */
export class SourceClient {
  readonly #settings: DataSourceSettings;
  readonly #options: SourceClientOptions;
  readonly #base: URL;
  readonly #destinations: Destinations;
  readonly #proxies: Proxies;
  readonly #custom: URLSearchParams;
  /** Signs requests to the source's own host, if the settings contain a cloud. */
  readonly #sign: Signer | undefined;
  #client: Promise<ExchangeClient> | undefined;
  /** HTTP client without secrets, for redirects to another host. */
  #bare: Promise<ExchangeClient> | undefined;

  /**
   * Throws QueryFailure if the URL is not an HTTP URL, or if it leads to a forbidden destination.
   * @param customParameters parameters that are sent with every request
   */
  constructor(settings: DataSourceSettings, options: SourceClientOptions, customParameters = "") {
    this.#settings = settings;
    this.#options = options;
    this.#destinations = options.destinations ?? new Destinations();
    this.#base = baseOf(settings);
    this.#proxies = new Proxies(httpClientOf(settings));
    this.#destinations.check(this.#base);
    this.#custom = new URLSearchParams(customParameters);
    this.#sign = cloudSigner(settings, options);
  }

  /**
   * Sends a request. Rejects with QueryFailure if the server cannot be reached, redirects too often, or redirects to a
   * forbidden destination. The caller must check the status.
   */
  async send(request: SourceRequest, signal: AbortSignal): Promise<SourceResponse> {
    const deadline = withDeadline(this.#options.clock, request.timeoutMs, signal);
    try {
      const response = await this.#follow(request, deadline.signal);
      const { head, body } = response;
      const unpacked = unpackedBody(body, head.contentEncoding);
      const limits = { maxBytes: this.#options.maxAnswerBytes ?? MAX_BODY_BYTES, account: request.account };
      return {
        status: head.status,
        statusText: head.statusText.slice(4),
        body: limited(unpacked, limits, deadline.signal),
        close() {
          deadline.end();
          unpacked.destroy();
          body.destroy();
        },
      };
    } catch (error) {
      deadline.end();
      throw failureOf(error, deadline.signal);
    }
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled([this.#client, this.#bare]);
    for (const client of clients) if (client.status === "fulfilled") await client.value?.close();
  }

  async #follow(request: SourceRequest, signal: AbortSignal): Promise<StreamedAnswer> {
    const parameters = this.#parametersOf(request);
    let url = new URL(this.#base);
    url.pathname = trimTrailing(url.pathname, "/") + request.path;
    if (request.method === "GET" || request.body !== undefined)
      for (const [name, value] of parameters) url.searchParams.append(name, value);
    let { method } = request;
    for (let hops = 0; ; hops++) {
      if (this.#proxies.urlFor(url) !== undefined) await this.#destinations.checkAddresses(url);
      const client = await this.#clientFor(url);
      const isTrusted = keepsSecrets(this.#base, url);
      // Custom parameters may contain credentials, so they are sent only to hosts that also get the other secrets.
      const form = String(isTrusted ? parameters : request.parameters);
      const body = method === "POST" ? (request.body?.text ?? form) : undefined;
      const headers = {
        ...request.headers,
        "User-Agent": this.#options.userAgent,
        Accept: request.accept ?? "application/json",
        ...(!isLoopback(url.hostname) && { "Accept-Encoding": "gzip" }),
        ...(method === "POST" && { "Content-Type": request.body?.type ?? "application/x-www-form-urlencoded" }),
      };
      const signed = isTrusted ? await this.#sign?.({ method, url, headers, body }) : undefined;
      signal.throwIfAborted();
      const response = await client.exchange(url.href, {
        method,
        headers: signed ?? headers,
        ...(body !== undefined && { body }),
        signal,
      });
      const { status, location } = response.head;
      if (!REDIRECTS.has(status) || location === undefined) return response;
      response.body.on("error", () => undefined).destroy();
      if (hops === MAX_REDIRECTS) throw new QueryFailure(502, `the data source redirects more than ${hops} times`);
      if (!URL.canParse(location, url.href)) throw new QueryFailure(502, "the data source redirects to no URL");
      url = new URL(location, url);
      this.#destinations.check(url);
      request.checkRedirect?.(url);
      // POST requests are only used for queries, so a redirect may repeat them. After status 303, the answer must be
      // fetched with GET.
      if (status === 303) method = "GET";
    }
  }

  #parametersOf(request: SourceRequest): URLSearchParams {
    const parameters = new URLSearchParams(request.parameters);
    for (const [name, value] of this.#custom) parameters.set(name, value);
    return parameters;
  }

  #clientFor(url: URL): Promise<ExchangeClient> {
    const { clock, dials } = this.#options;
    const options = { clock, dials, connections: CONNECTIONS, lookup: this.#destinations.lookup };
    const config = httpClientOf(this.#settings);
    if (keepsSecrets(this.#base, url)) return (this.#client ??= createHttpClient(config, options));
    return (this.#bare ??= createHttpClient(withoutSecrets(config), options));
  }
}

function baseOf({ url, name }: DataSourceSettings): URL {
  if (!URL.canParse(url))
    throw new QueryFailure(400, `the URL of data source "${name}" is not valid; write http://host:port`);
  return new URL(url);
}

/**
 * Reports whether secrets may be sent to a URL. Another port counts as another server, except for a redirect from http
 * to https on the default ports.
 */
const keepsSecrets = (base: URL, url: URL): boolean =>
  url.origin === base.origin ||
  (url.hostname === base.hostname && base.port === "" && url.port === "" && url.protocol === "https:");

/** Reports whether a host is this machine. Requests to this machine are faster without compression. */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** Returns a signal that is aborted when `signal` is aborted or the time is over. */
export function withDeadline(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const stopped = new AbortController();
  const onAbort = (): void => stopped.abort(signal.reason);
  const cancel = clock.after(ms, () =>
    stopped.abort(new QueryFailure(504, `the data source did not answer completely within ${ms / 1000} s`)),
  );
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: stopped.signal,
    end() {
      cancel();
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/**
 * Decompresses a body. A body that is not read to its end emits an error, which is handled here because it would
 * otherwise end the process.
 */
function unpackedBody(body: Readable, encoding: string | undefined): Readable {
  body.on("error", () => undefined);
  if (encoding !== "gzip") return body;
  const gunzip = createGunzip().on("error", () => undefined);
  body.on("error", (error) => gunzip.destroy(error));
  return body.pipe(gunzip);
}

interface BodyLimits extends Pick<SourceRequest, "account"> {
  readonly maxBytes: number;
}

async function* limited(
  body: AsyncIterable<Buffer>,
  { maxBytes, account }: BodyLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const piece of body) {
      if ((bytes += piece.length) > maxBytes)
        throw new QueryFailure(
          422,
          `the answer takes more than ${maxBytes / 1024 ** 2} MiB; ask for fewer series or a shorter range`,
        );
      account?.(piece.length);
      yield piece;
    }
  } catch (error) {
    throw failureOf(error, signal);
  }
}

const failureOf = (error: unknown, signal: AbortSignal): Error =>
  signal.aborted ? reasonOf(signal) : reachFailure(error);
