import type { HttpClientConfig } from "@narthex/config";
import { type Clock, systemClock } from "@narthex/runtime";
import type { Agent, Dispatcher } from "undici";
import { connectOptions } from "./connect-options.ts";
import { Credentials } from "./credentials.ts";
import type { BodySink } from "./http1-reader.ts";
import { type Download, KeptConnections } from "./kept-connections.ts";
import { bypassesProxy } from "./no-proxy.ts";
import { fieldLines } from "./request-fields.ts";
import type { Signer } from "./sigv4.ts";
import { SocketAgents } from "./socket-agents.ts";

/** One outgoing HTTP client, made from the HTTP client fields of a config section. Secrets in files are read per request. */
export interface HttpClient {
  /** Sends one request; redirects as configured. Throws what undici throws (`describeFailure` turns it into Go's words). */
  request(url: string, options?: HttpRequest): Promise<Dispatcher.ResponseData>;
  /**
   * A GET whose body goes into `sink` as it arrives, over connections of its own that cost far less than `request`. It
   * speaks no HTTP/2: its answer is undefined where the URL needs such things. Missing where the
   * configuration does (a proxy).
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
}

export interface HttpClientOptions {
  /** Bounds the connections kept per origin. */
  readonly connections?: number;
  /** Path of a unix socket that takes the place of every host. */
  readonly socketPath?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
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
  const connect = await connectOptions(config.tls, config.enableHttp2);
  if (options.socketPath !== undefined) connect["socketPath"] = options.socketPath;
  const shared = {
    connect,
    allowH2: config.enableHttp2,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  };
  const compose = (agent: Dispatcher): Dispatcher =>
    config.followRedirects ? agent.compose(undici.interceptors.redirect({ maxRedirections: MAX_REDIRECTS })) : agent;
  const direct = new undici.Agent(shared);
  const viaDirect = compose(direct);
  const proxied = proxyAgent(config, shared, undici);
  const viaProxy = proxied === undefined ? undefined : compose(proxied);
  const sockets = new SocketAgents((path) =>
    compose(new undici.Agent({ ...shared, connect: { ...connect, socketPath: path } })),
  );
  const credentials = new Credentials(config, createHttpClient, options.clock ?? systemClock);
  const kept = new KeptConnections({
    clock: options.clock ?? systemClock,
    connect,
    followRedirects: config.followRedirects,
    socketPath: options.socketPath ?? "",
  });
  const way = (target: URL, socketPath: string): Dispatcher => {
    if (socketPath !== "") return sockets.of(socketPath);
    return viaProxy !== undefined && !bypassesProxy(config.noProxy, target) ? viaProxy : viaDirect;
  };
  return {
    async request(url, { method = "GET", headers = {}, body, signal, socketPath = "" } = {}) {
      const target = new URL(url);
      const plain = { ...headers, ...(credentials.fixed ?? (await credentials.read())) };
      return way(target, socketPath).request({
        origin: target.origin,
        path: target.pathname + target.search,
        method,
        headers: (await options.sign?.({ method, url: target, headers: plain, body })) ?? plain,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    ...(proxied === undefined ? { download: downloads(kept, credentials) } : {}),
    async close() {
      kept.close();
      await Promise.all([direct.destroy(), proxied?.destroy(), sockets.destroy()]);
    },
  };
}

/** GETs over kept connections, with the client's credentials. */
function downloads(kept: KeptConnections, credentials: Credentials): NonNullable<HttpClient["download"]> {
  const lines = new WeakMap<Readonly<Record<string, string>>, string>();
  const bare = new WeakMap<Readonly<Record<string, string>>, string>();
  return (url, headers, sink, socketPath) => {
    let bareFields = bare.get(headers);
    if (bareFields === undefined) bare.set(headers, (bareFields = fieldLines(headers)));
    if (credentials.fixed === undefined) {
      return later(async () => {
        const fields = fieldLines({ ...headers, ...(await credentials.read()) });
        return kept.get(url, fields, sink, socketPath, bareFields);
      });
    }
    let fields = lines.get(headers);
    if (fields === undefined) lines.set(headers, (fields = fieldLines({ ...headers, ...credentials.fixed })));
    return kept.get(url, fields, sink, socketPath, bareFields);
  };
}

/** A download that something must be waited for first. */
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

function proxyAgent(
  config: HttpClientConfig,
  shared: Agent.Options,
  { EnvHttpProxyAgent, ProxyAgent }: typeof import("undici"),
): Dispatcher | undefined {
  if (config.proxyFromEnvironment) return new EnvHttpProxyAgent(shared);
  if (config.proxyUrl === "") return undefined;
  const proxy = new URL(config.proxyUrl);
  const token =
    proxy.username === ""
      ? undefined
      : `Basic ${basic(decodeURIComponent(proxy.username), decodeURIComponent(proxy.password))}`;
  const headers: Record<string, string> = {};
  for (const [name, values] of config.proxyConnectHeader)
    headers[name] = values.map((value) => value.reveal()).join(", ");
  return new ProxyAgent({
    uri: proxy.origin,
    headers,
    ...(token === undefined ? {} : { token }),
    requestTls: shared.connect as object,
    keepAliveTimeout: KEEP_ALIVE_MS,
    proxyTunnel: false,
  });
}

const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString("base64");
