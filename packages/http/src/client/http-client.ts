import type { LookupFunction } from "node:net";
import type { HttpClientConfig } from "@narthex/config";
import { type Clock, systemClock } from "@narthex/runtime";
import type { Dispatcher } from "undici";
import { connectOptions } from "./tls-options.ts";
import { Credentials } from "./credentials.ts";
import type { DialCounts } from "./dial-counts.ts";
import { type Dispatchers, openDispatchers, originOf } from "./dispatchers.ts";
import type { BodySink } from "./http1-reader.ts";
import { type Download, ConnectionPool } from "./connection-pool.ts";
import { Proxies } from "./proxies.ts";
import { fieldLines, type RequestFields } from "./request-head.ts";
import type { Signer } from "./sigv4.ts";
import { type StreamedAnswer, streamedAnswer } from "./streamed-answer.ts";

/** One outgoing HTTP client, made from the HTTP client fields of a config section. Secrets in files are read per request. */
export interface HttpClient {
  /**
   * Sends one request; redirects as configured. Throws what undici throws (`describeFailure` turns it into Go's words), with
   * `reusedConnection: true` where the connection had been opened for an earlier one.
   */
  request(url: string, options?: HttpRequest): Promise<Dispatcher.ResponseData>;
  /**
   * A GET whose body goes into `sink` as it arrives, over connections of its own that cost far less than `request`. It
   * speaks no HTTP/2: its answer is undefined where the URL needs such things. Missing where the
   * configuration does (a proxy that speaks no HTTP).
   *
   * @param headers the same object each time saves work
   * @param socketPath of a unix socket that takes the place of the URL's host
   */
  readonly download?: (
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: BodySink,
    socketPath?: string,
  ) => Download;
  /**
   * Sends one request over the connections of `download`, which take far less memory than those of `request`; redirects are
   * answers. Undefined where only `request` can do it, and missing where `download` is or requests are signed.
   */
  readonly exchange?: (url: string, request: ExchangeRequest) => Promise<StreamedAnswer | undefined>;
  close(): Promise<void>;
}

/** Unless it says `once`, `exchange` sends it again where the connection kept for it turns out to have ended. */
export interface ExchangeRequest extends Pick<HttpRequest, "headers" | "onFields" | "signal" | "isBare"> {
  readonly method?: "GET" | "POST";
  readonly body?: string;
  /** It changes something. */
  readonly once?: boolean;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Path of a unix socket that takes the place of the URL's host, whatever the proxy. */
  readonly socketPath?: string;
  /** Without the section's credentials: a redirect led to somebody else. */
  readonly isBare?: boolean;
  /** Told of the request's fields, those of the section's credentials and of a signature too, before they are sent. */
  readonly onFields?: (fields: RequestFields) => void;
}

export interface HttpClientOptions {
  /** Bounds the connections kept per origin. */
  readonly connections?: number;
  /** Path of a unix socket that takes the place of every host. */
  readonly socketPath?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Resolves names for new connections; default the system's. */
  readonly lookup?: LookupFunction;
  /** Counts the connections it opens. */
  readonly dials?: DialCounts | undefined;
  /** Signs what `request` sends. */
  readonly sign?: Signer;
}

const MAX_REDIRECTS = 10;

/** Fields that say how a request is sent, which its connection says itself. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding"]);

/** Connections are kept per origin and client. Rejects where TLS files cannot be read. */
export async function createHttpClient(config: HttpClientConfig, options: HttpClientOptions = {}): Promise<HttpClient> {
  const { clock = systemClock, socketPath: everySocket = "", dials } = options;
  dials?.markInUse();
  const connect = await connecting(config, options);
  const proxies = new Proxies(config);
  const connectFields = proxyFields(config);
  const begun = new Map<string, number>();
  const { followRedirects } = config;
  const dialing = { clock, connect, proxies, connectFields, begun, dials, everySocket, maxRedirections: MAX_REDIRECTS };
  let opened: Promise<Dispatchers> | undefined;
  const dispatchers = (): Promise<Dispatchers> =>
    (opened ??= openDispatchers(config, { ...dialing, connections: options.connections }));
  const credentials = new Credentials(config, createHttpClient, clock);
  const pool = new ConnectionPool({
    clock,
    connect,
    followRedirects,
    socketPath: everySocket,
    proxies,
    connectFields,
    dials,
  });
  return {
    async request(url, { method = "GET", headers = {}, body, signal, socketPath = "", isBare = false, onFields } = {}) {
      const target = new URL(url);
      const fields = await fieldsOf(headers, credentials, isBare);
      const signed = await options.sign?.({ method, url: target, headers: joined(fields), body });
      onFields?.(signed ?? fields);
      const place = originOf(target);
      const ways = await dispatchers();
      const before = begun.get(place) ?? 0;
      const answer = ways.way(target, socketPath).request({
        origin: target.origin,
        path: target.pathname + target.search,
        method,
        headers: signed ?? separate(fields),
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      return answer.catch((error: unknown) => {
        if (before > 0 && begun.get(place) === before) Object.assign(error as Error, { reusedConnection: true });
        throw error;
      });
    },
    ...(proxies.speakHttp && { download: downloads(pool, credentials) }),
    ...(proxies.speakHttp && options.sign === undefined && { exchange: exchanges(pool, credentials) }),
    async close() {
      pool.close();
      await (await opened)?.destroy();
    },
  };
}

/** Lines that proxies get with CONNECT. */
const proxyFields = ({ proxyConnectHeader }: HttpClientConfig): string =>
  fieldLines(
    Object.fromEntries([...proxyConnectHeader].map(([name, values]) => [name, values.map((one) => one.reveal())])),
  );

/** How connections are opened. */
async function connecting(
  { tls, enableHttp2 }: HttpClientConfig,
  { lookup }: HttpClientOptions,
): Promise<Record<string, unknown>> {
  const connect = await connectOptions(tls, enableHttp2);
  return lookup === undefined ? connect : { ...connect, lookup };
}

/** As undici takes them. */
const separate = (fields: RequestFields): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => typeof value === "string" || value.length > 0)
      .map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );

/** Several values of a field in one, for whoever takes but one. */
const joined = (fields: RequestFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.length > 0 || typeof value === "string")
      .map(([name, value]) => [name, typeof value === "string" ? value : value.join(", ")]),
  );

/** The fields of a request, with those of the section's credentials unless it is bare. */
const fieldsOf = async (
  headers: Readonly<Record<string, string>>,
  credentials: Credentials,
  isBare: boolean,
): Promise<RequestFields> =>
  isBare ? headers : { ...headers, ...(credentials.fixed ?? (await credentials.read(headers["User-Agent"]))) };

/** GETs over pooled connections, with the client's credentials. */
function downloads(pool: ConnectionPool, credentials: Credentials): NonNullable<HttpClient["download"]> {
  const lines = new WeakMap<Readonly<Record<string, string>>, string>();
  const bare = new WeakMap<Readonly<Record<string, string>>, string>();
  return (url, headers, sink, socketPath) => {
    let bareFields = bare.get(headers);
    if (bareFields === undefined) bare.set(headers, (bareFields = fieldLines(headers)));
    if (credentials.fixed === undefined) {
      return later(async () => {
        const fields = fieldLines({ ...headers, ...(await credentials.read(headers["User-Agent"])) });
        return pool.get(url, fields, sink, socketPath, bareFields);
      });
    }
    let fields = lines.get(headers);
    if (fields === undefined) lines.set(headers, (fields = fieldLines({ ...headers, ...credentials.fixed })));
    return pool.get(url, fields, sink, socketPath, bareFields);
  };
}

/** Requests over pooled connections, with the client's credentials. */
const exchanges =
  (pool: ConnectionPool, credentials: Credentials): NonNullable<HttpClient["exchange"]> =>
  async (url, { method = "GET", headers = {}, body = "", once = false, isBare = false, signal, onFields }) => {
    const all = await fieldsOf(headers, credentials, isBare);
    if (Object.keys(all).some((name) => OF_THE_CONNECTION.has(name.toLowerCase()))) return undefined;
    onFields?.(all);
    const fields = fieldLines(all);
    const asked = { method, url, fields, body: Buffer.from(body).toString("latin1"), once };
    return streamedAnswer((sink) => pool.send(asked, sink), signal);
  };

/** A download that starts when something else has resolved. */
function later(begin: () => Promise<Download>): Download {
  let running: Download | undefined;
  let cancelled: Error | undefined;
  const answer = begin().then((download) => {
    running = download;
    if (cancelled !== undefined) download.cancel(cancelled);
    return download.answer;
  });
  return {
    answer,
    cancel(reason) {
      cancelled = reason;
      running?.cancel(reason);
    },
  };
}
