import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { HttpClientConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import type { Agent, buildConnector, Dispatcher } from "undici";
import type { BegunConnections } from "./begun-connections.ts";
import { certificateProblem } from "./certificate-problem.ts";
import type { DialCounts } from "./dial-counts.ts";
import type { Proxies } from "./proxies.ts";
import { openTunnel } from "./tunnel.ts";

type Undici = typeof import("undici");
type Connector = buildConnector.connector;

/**
 * Time in ms for which idle connections are kept, as in Prometheus. With undici's default of 4 s, a request at longer
 * intervals would open a new connection each time.
 */
const KEEP_ALIVE_MS = 5 * 60_000;

/** Longest time in ms for opening a connection through a proxy. Requests have their own, shorter limits. */
const TUNNEL_MS = 60_000;

interface DialOptions {
  readonly undici: Undici;
  readonly clock: Clock;
  /** TLS and connection options in undici's format. */
  readonly connect: Readonly<Record<string, unknown>>;
  readonly proxies: Proxies;
  /** Header lines that are sent to proxies with CONNECT. */
  readonly connectFields: string;
  /** Path of a unix socket; "" for none. */
  readonly socketPath: string;
  readonly begun: BegunConnections;
  readonly dials: DialCounts | undefined;
}

/** Returns scheme, host and port of a URL. */
export const originOf = ({ protocol, hostname, port }: Pick<URL, "protocol" | "hostname" | "port">): string =>
  `${protocol}//${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;

/**
 * Returns a connector for undici, which uses proxies if they are configured. Checks the server's certificate by the
 * same rules as for connections without undici.
 */
function dialer(options: DialOptions): Connector {
  const { undici, clock, connect, proxies, connectFields, socketPath, begun, dials } = options;
  const tls = { ...connect, rejectUnauthorized: false };
  // Does not resume TLS sessions, because a resumed session has no certificates that could be checked.
  const settings = { ...tls, maxCachedSessions: 0, ...(socketPath === "" ? {} : { socketPath }) };
  const open = undici.buildConnector(settings);
  const name = connect["servername"];
  const verify = (socket: TLSSocket, host: string): Error | undefined =>
    connect["rejectUnauthorized"] === false
      ? undefined
      : certificateProblem(socket, typeof name === "string" ? name : host, clock.now());
  const opened =
    (host: string, secure: boolean, take: buildConnector.Callback): buildConnector.Callback =>
    (...[error, socket]) => {
      if (error !== null) return take(error, null);
      const problem = secure ? verify(socket as TLSSocket, host) : undefined;
      if (problem === undefined) return take(null, socket);
      socket.on("error", () => undefined).destroy();
      take(problem, null);
    };
  return (to, take) => {
    const taken = dials === undefined ? take : dials.watching(take);
    const secure = to.protocol === "https:";
    const host = to.hostname.replace(/^\[|\]$/g, "");
    const bracketed = { ...to, hostname: host.includes(":") ? `[${host}]` : host };
    const url = originOf(bracketed);
    begun.add(url);
    const wanted = typeof name === "string" ? { ...to, servername: name } : to;
    const proxy = socketPath === "" ? proxies.of(new URL(url)) : undefined;
    if (proxy === undefined) return open(wanted, opened(host, secure, taken));
    const silence = new AbortController();
    const { signal } = silence;
    const cancel = clock.after(TUNNEL_MS, () => silence.abort(new DOMException("proxy is silent", "TimeoutError")));
    const authority = url.slice(url.indexOf("//") + 2);
    openTunnel({ proxy, authority, fields: connectFields, tls: () => tls, verify, signal })
      .finally(cancel)
      .then(
        (socket: Socket) =>
          secure ? open({ ...wanted, httpSocket: socket }, opened(host, true, taken)) : taken(null, socket),
        (error: unknown) => taken(error as Error, null),
      );
  };
}

/** Cache of undici's dispatchers (connection pools) of one kind, with one dispatcher for each unix socket or proxy. */
class DispatcherCache {
  readonly #make: (key: string) => Dispatcher;
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(make: (key: string) => Dispatcher) {
    this.#make = make;
  }

  of(key: string): Dispatcher {
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined) this.#dispatchers.set(key, (dispatcher = this.#make(key)));
    return dispatcher;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.close()));
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }
}

/**
 * Returns undici's dispatchers by proxy URL. These dispatchers send plain HTTP requests to the proxy, without CONNECT.
 */
const forwardingProxies = (
  undici: Undici,
  connect: Readonly<Record<string, unknown>>,
  keepAliveTimeout: number,
): DispatcherCache =>
  new DispatcherCache(
    (uri) =>
      new undici.ProxyAgent({ uri, requestTls: connect, proxyTls: connect, keepAliveTimeout, proxyTunnel: false }),
  );

/** undici's dispatchers (connection pools) for the requests of a client. */
export interface Dispatchers {
  /**
   * Returns the dispatcher for a URL.
   * @param socketPath path of a unix socket; "" for none
   */
  dispatcherFor(target: URL, socketPath: string): Dispatcher;
  /** Closes all connections. Resolves when all running requests have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

export interface DispatcherOptions extends Omit<DialOptions, "undici" | "socketPath"> {
  /** Path of a unix socket for the requests to all hosts; "" for none. */
  readonly everySocket: string;
  /** Maximum number of connections that are kept per origin. */
  readonly connections: number | undefined;
}

/**
 * Creates the dispatchers of a client. Loads undici only when this function is called, because its code takes about 9
 * MiB and only some clients need it.
 */
export async function openDispatchers(config: HttpClientConfig, options: DispatcherOptions): Promise<Dispatchers> {
  const undici = await import("undici");
  const { connect, proxies, everySocket, connections } = options;
  const shared = {
    allowH2: config.enableHttp2,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...(connections === undefined ? {} : { connections }),
  };
  const agent = (socketPath: string): Dispatcher =>
    new undici.Agent({ ...shared, connect: dialer({ ...options, undici, socketPath }) });
  const direct = proxies.speakHttp ? agent(everySocket) : otherProxy(config, { ...shared, connect }, undici);
  const forwarding = forwardingProxies(undici, connect, KEEP_ALIVE_MS);
  const sockets = new DispatcherCache(agent);
  return {
    dispatcherFor(target, socketPath) {
      if (socketPath !== "") return sockets.of(socketPath);
      const proxy = proxies.speakHttp && target.protocol === "http:" ? proxies.urlFor(target) : undefined;
      return proxy === undefined || everySocket !== "" ? direct : forwarding.of(proxy);
    },
    async close() {
      await Promise.all([direct.close(), forwarding.close(), sockets.close()]);
    },
    async destroy() {
      await Promise.all([direct.destroy(), forwarding.destroy(), sockets.destroy()]);
    },
  };
}

/** Returns undici's dispatcher for proxies that do not use HTTP (SOCKS). */
function otherProxy(config: HttpClientConfig, shared: Agent.Options, undici: Undici): Dispatcher {
  if (config.proxyFromEnvironment) return new undici.EnvHttpProxyAgent(shared);
  return new undici.ProxyAgent({ uri: config.proxyUrl, requestTls: shared.connect as object });
}
