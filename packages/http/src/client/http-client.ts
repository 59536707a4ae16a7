import type { LookupFunction } from "node:net";
import type { HttpClientConfig } from "@narthex/config";
import { type Clock, systemClock } from "@narthex/runtime";
import type { Dispatcher } from "undici";
import { connectOptions } from "./tls-options.ts";
import { Credentials } from "./credentials.ts";
import type { DialCounts } from "./dial-counts.ts";
import { dialer, DispatcherCache, forwardingProxies, otherProxy, originOf } from "./dispatchers.ts";
import type { BodySink } from "./http1-reader.ts";
import { type Download, ConnectionPool } from "./connection-pool.ts";
import { Proxies } from "./proxies.ts";
import { fieldLines, type RequestFields } from "./request-head.ts";
import type { Signer } from "./sigv4.ts";

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
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Path of a unix socket that takes the place of the URL's host, whatever the proxy. */
  readonly socketPath?: string;
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

/** Upstream's: at undici's 4 s every request at a longer interval would open a connection of its own. */
const KEEP_ALIVE_MS = 5 * 60_000;

/** Connections are kept per origin and client. Rejects where TLS files cannot be read. */
export async function createHttpClient(config: HttpClientConfig, options: HttpClientOptions = {}): Promise<HttpClient> {
  // Loaded with the first client, so that what only reads configuration does not wait for it.
  const undici = await import("undici");
  const { clock = systemClock, socketPath: everySocket = "", dials } = options;
  dials?.markInUse();
  const connect = await connecting(config, options);
  const proxies = new Proxies(config);
  const connectFields = proxyFields(config);
  const shared = {
    allowH2: config.enableHttp2,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  };
  const compose = (agent: Dispatcher): Dispatcher =>
    config.followRedirects ? agent.compose(undici.interceptors.redirect({ maxRedirections: MAX_REDIRECTS })) : agent;
  const begun = new Map<string, number>();
  const dialing = { undici, clock, connect, proxies, connectFields, begun, dials };
  const agent = (socketPath: string): Dispatcher =>
    new undici.Agent({ ...shared, connect: dialer({ ...dialing, socketPath }) });
  const direct = proxies.speakHttp ? agent(everySocket) : otherProxy(config, { ...shared, connect }, undici);
  const viaDirect = compose(direct);
  const forwarding = forwardingProxies(undici, connect, KEEP_ALIVE_MS);
  const sockets = new DispatcherCache((path) => compose(agent(path)));
  const credentials = new Credentials(config, createHttpClient, clock);
  const pool = new ConnectionPool({
    clock,
    connect,
    followRedirects: config.followRedirects,
    socketPath: everySocket,
    proxies,
    connectFields,
    dials,
  });
  const way = (target: URL, socketPath: string): Dispatcher => {
    if (socketPath !== "") return sockets.of(socketPath);
    const proxy = proxies.speakHttp && target.protocol === "http:" ? proxies.urlFor(target) : undefined;
    return proxy === undefined || everySocket !== "" ? viaDirect : compose(forwarding.of(proxy));
  };
  return {
    async request(url, { method = "GET", headers = {}, body, signal, socketPath = "", onFields } = {}) {
      const target = new URL(url);
      const fields = { ...headers, ...(credentials.fixed ?? (await credentials.read(headers["User-Agent"]))) };
      const signed = await options.sign?.({ method, url: target, headers: joined(fields), body });
      onFields?.(signed ?? fields);
      const place = originOf(target);
      const before = begun.get(place) ?? 0;
      const answer = way(target, socketPath).request({
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
    ...(proxies.speakHttp ? { download: downloads(pool, credentials) } : {}),
    async close() {
      pool.close();
      await Promise.all([direct.destroy(), forwarding.destroy(), sockets.destroy()]);
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
