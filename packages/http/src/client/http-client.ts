import type { LookupFunction } from "node:net";
import type { HttpClientConfig } from "@narthex/config";
import { type Clock, type Logger, systemClock } from "@narthex/runtime";
import type { Dispatcher } from "undici";
import { ClientConnections } from "./client-connections.ts";
import { Credentials } from "./credentials.ts";
import type { DialCounts } from "./dial-counts.ts";
import { withUrl } from "./failure.ts";
import { responseHead } from "./full-requests.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { BodySink } from "./http1-reader.ts";
import type { Download, GetRequest } from "./connection-pool.ts";
import { Proxies } from "./proxies.ts";
import { RequestChain } from "./redirect.ts";
import { fieldLines, type RequestFields } from "./request-head.ts";
import type { Signer } from "./sigv4.ts";
import { type StreamedAnswer, streamedAnswer } from "./streamed-answer.ts";
import { splitUserInfo } from "./user-info.ts";

/**
 * An HTTP client with the settings of a configuration section. Secrets in files are read for each request. User and
 * password in a URL are sent as Basic authentication. A redirect to another host gets no credentials.
 */
export interface HttpClient {
  /**
   * Sends one request and follows redirects as configured. Throws undici's errors, which `describeFailure` converts to
   * Go's texts. An error has `reusedConnection: true` if the connection had been opened for an earlier request.
   */
  request(url: string, options?: HttpRequest): Promise<Dispatcher.ResponseData>;
  /**
   * Sends a GET request and passes the body to `sink` as it arrives, which is much faster than `request`. The answer is
   * undefined if only `request` can send the request (HTTP/2). The method is missing if a proxy does not use HTTP.
   * @param headers fields of the request; passing the same object each time saves work
   * @param socketPath path of a unix socket that replaces the URL's host
   */
  readonly download?: (
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: BodySink,
    socketPath?: string,
  ) => Download;
  close(): Promise<void>;
}

/** An HTTP client that can also return an answer before its body has been read. */
export interface ExchangeClient extends HttpClient {
  /**
   * Sends one request over the connections of `download`, which need far less memory than those of `request`. If these
   * connections do not support the target of a redirect, requests this target with `request`.
   */
  readonly exchange: (url: string, request: ExchangeRequest) => Promise<StreamedAnswer>;
}

/**
 * A request for `exchange`. If the server has closed an idle connection, the request is repeated unless `once` is set.
 */
interface ExchangeRequest extends Omit<HttpRequest, "body" | "socketPath"> {
  readonly body?: string;
  /** Whether the request must not be sent twice, because it changes data. */
  readonly once?: boolean;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whether the body contains a secret. A redirect that would send the body to another host then fails. */
  readonly bodyHoldsSecret?: boolean;
  readonly signal?: AbortSignal;
  /** Path of a unix socket that replaces the URL's host and any proxy. */
  readonly socketPath?: string;
  /**
   * Callback before each request, including requests after a redirect. Gets all header fields, with credentials and a
   * signature.
   */
  readonly onFields?: (fields: RequestFields) => void;
}

export interface HttpClientOptions {
  /** Largest number of connections that are kept per origin. */
  readonly connections?: number;
  /** Path of a unix socket for the requests to all hosts. */
  readonly socketPath?: string;
  /** Clock of the client. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Resolves names for new connections. Default: the system's resolver. */
  readonly lookup?: LookupFunction;
  /** Reports changed TLS files that cannot be used. */
  readonly logger?: Logger | undefined;
  /** Counter of opened connections. */
  readonly dials?: DialCounts | undefined;
  /** Function that signs the requests of `request`. */
  readonly sign?: Signer;
}

/** Header fields that the connection sets itself. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding"]);

/**
 * Creates a client, which keeps connections per origin. Rejects if TLS files cannot be read. Uses changed files from
 * the next request on.
 */
export async function createHttpClient(
  config: HttpClientConfig,
  options: HttpClientOptions = {},
): Promise<ExchangeClient> {
  const { clock = systemClock, sign, logger } = options;
  options.dials?.markInUse();
  const proxies = new Proxies(config);
  const connections = new ClientConnections(config, { ...options, clock, proxies, connectFields: proxyFields(config) });
  const parts: ClientParts = {
    connections,
    credentials: new Credentials(config, (tokens) => createHttpClient(tokens, { clock, logger }), clock),
    followRedirects: config.followRedirects,
    sign,
    isPooled: proxies.speakHttp && sign === undefined,
  };
  return {
    request: (url, request = {}) => requested(parts, url, request),
    ...(proxies.speakHttp && { download: downloads(parts) }),
    exchange: (url, request) => exchanged(parts, url, request),
    close: () => connections.close(),
  };
}

interface ClientParts {
  readonly connections: ClientConnections;
  readonly credentials: Credentials;
  readonly followRedirects: boolean;
  readonly sign: Signer | undefined;
  /** Whether the connection pool can send requests other than downloads. */
  readonly isPooled: boolean;
}

/** Returns the header lines that are sent to proxies with CONNECT. */
const proxyFields = ({ proxyConnectHeader }: HttpClientConfig): string =>
  fieldLines(
    Object.fromEntries([...proxyConnectHeader].map(([name, values]) => [name, values.map((one) => one.reveal())])),
  );

async function requested(parts: ClientParts, url: string, request: HttpRequest): Promise<Dispatcher.ResponseData> {
  const chain = new RequestChain({ ...request, url, headers: request.headers ?? {} });
  for (;;) {
    const answer = await sendFull(parts, chain, await fieldsOf(parts, chain, request), request);
    if (!parts.followRedirects || !followed(chain, { head: responseHead(answer), body: answer.body })) return answer;
  }
}

async function exchanged(parts: ClientParts, url: string, request: ExchangeRequest): Promise<StreamedAnswer> {
  const chain = new RequestChain({ ...request, url, headers: request.headers ?? {} });
  for (;;) {
    const fields = await fieldsOf(parts, chain, request);
    const answer =
      (await sendPooled(parts, chain, fields, request)) ?? (await streamed(sendFull(parts, chain, fields, request)));
    if (!parts.followRedirects || !followed(chain, answer)) return answer;
  }
}

/**
 * Follows a redirect without reading the body of the answer. Returns false if the answer is not a redirect. Throws if
 * the redirect is refused.
 */
function followed(chain: RequestChain, { head, body }: StreamedAnswer): boolean {
  let isRead = false;
  try {
    isRead = !chain.follow(head);
  } finally {
    if (!isRead) body.on("error", () => undefined).destroy();
  }
  return !isRead;
}

const streamed = async (sent: Promise<Dispatcher.ResponseData>): Promise<StreamedAnswer> => {
  const answer = await sent;
  return { head: responseHead(answer), body: answer.body };
};

/** Returns the header fields of the next request, with credentials and, if configured, a signature. */
async function fieldsOf(
  { credentials, sign }: ClientParts,
  chain: RequestChain,
  { headers, onFields, signal }: HttpRequest,
): Promise<RequestFields> {
  const read = async (): Promise<RequestFields> => untilAborted(credentials.read(headers?.["User-Agent"]), signal);
  const configured = chain.isForeign ? {} : (credentials.fixed ?? (await read()));
  const fields = chain.fields(configured, credentials.areTokens);
  const { method, body } = chain;
  const signed = chain.isForeign
    ? undefined
    : await sign?.({ method, url: new URL(splitUserInfo(chain.url).url), headers: joined(fields), body });
  onFields?.(signed ?? fields);
  return signed ?? fields;
}

/**
 * Waits for `work`. Rejects with the signal's reason if the signal aborts first; `work` then continues, because other
 * requests may wait for it.
 */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(signal.reason as Error);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Joins several values of a header field into one, for a signer. */
const joined = (fields: RequestFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.length > 0 || typeof value === "string")
      .map(([name, value]) => [name, typeof value === "string" ? value : value.join(", ")]),
  );

/**
 * Sends a request with undici. An error contains the URL of the request that failed; after redirects, this differs from
 * the URL of the first request.
 */
async function sendFull(
  { connections: { full } }: ClientParts,
  { url, method, body }: RequestChain,
  fields: RequestFields,
  { signal, socketPath = "" }: HttpRequest,
): Promise<Dispatcher.ResponseData> {
  try {
    return await full.send({ url: new URL(splitUserInfo(url).url), method, fields, body, signal, socketPath });
  } catch (error) {
    throw error instanceof Error ? withUrl(error, url) : error;
  }
}

/** Sends a request over the connection pool. Returns undefined if the pool does not support the request. */
async function sendPooled(
  { connections: { pool }, isPooled }: ClientParts,
  { url, method, body = "" }: RequestChain,
  fields: RequestFields,
  { once = false, signal }: ExchangeRequest,
): Promise<StreamedAnswer | undefined> {
  if (!isPooled || Object.keys(fields).some((name) => OF_THE_CONNECTION.has(name.toLowerCase()))) return undefined;
  const lines = fieldLines(fields);
  const request = { method, url, fields: lines, body: Buffer.from(body).toString("latin1"), once };
  return streamedAnswer((sink) => pool.send(request, sink), signal);
}

/** Returns the method `download`, which sends GET requests over pooled connections with the client's credentials. */
function downloads({ connections, credentials, followRedirects }: ClientParts): NonNullable<HttpClient["download"]> {
  const { fixed, areTokens } = credentials;
  const known = new WeakMap<Readonly<Record<string, string>>, string>();
  const linesOf = (url: string, headers: Readonly<Record<string, string>>, configured: RequestFields): string =>
    fieldLines(new RequestChain({ url, headers }).fields(configured, areTokens));
  /** Returns the header lines of a request. The lines are cached for URLs without user and password. */
  const knownLines = (url: string, headers: Readonly<Record<string, string>>, configured: RequestFields): string => {
    let lines = known.get(headers);
    if (lines === undefined) known.set(headers, (lines = linesOf(url, headers, configured)));
    return lines;
  };
  return (url, headers, sink, socketPath) => {
    const get = (fields: string, configured: RequestFields): Download =>
      connections.pool.get(
        url,
        fields,
        sink,
        socketPath,
        followRedirects ? redirected(url, headers, configured) : undefined,
      );
    if (fixed !== undefined) return get((url.includes("@") ? linesOf : knownLines)(url, headers, fixed), fixed);
    return later(credentials.read(headers["User-Agent"]), (configured) =>
      get(linesOf(url, headers, configured), configured),
    );
  };

  /**
   * Returns the next request if a download was redirected. Creates the state of a redirect chain only at the first
   * redirect, because most answers are not redirects.
   */
  function redirected(
    url: string,
    headers: Readonly<Record<string, string>>,
    configured: RequestFields,
  ): (head: ResponseHead) => GetRequest | undefined {
    let chain: RequestChain | undefined;
    return (head) => {
      chain ??= new RequestChain({ url, headers });
      return chain.follow(head)
        ? { url: chain.url, fields: fieldLines(chain.fields(configured, areTokens)) }
        : undefined;
    };
  }
}

/** Returns a download that starts when `before` has resolved. A download that is cancelled earlier never starts. */
function later<T>(before: Promise<T>, begin: (value: T) => Download): Download {
  const cancelled = Promise.withResolvers<never>();
  let running: Download | undefined;
  let isCancelled = false;
  const answer = before.then((value) => {
    if (isCancelled) return cancelled.promise;
    running = begin(value);
    return running.answer;
  });
  return {
    answer: Promise.race([answer, cancelled.promise]),
    cancel(reason) {
      isCancelled = true;
      cancelled.reject(reason);
      running?.cancel(reason);
    },
  };
}
