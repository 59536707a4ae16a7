import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Clock } from "@narthex/runtime";
import { certificateProblem } from "./certificate-problem.ts";
import type { DialCounts } from "./dial-counts.ts";
import { Http1Connection, Http2Negotiated, type OpenSocket, type Readiness } from "./http1-connection.ts";
import type { ResponseHead } from "./http1-head.ts";
import type { BodySink } from "./http1-reader.ts";
import type { Proxies, Proxy } from "./proxies.ts";
import { withUrl } from "./failure.ts";
import { authorityEnd, pathOf, type RequestOrigin, requestOrigin } from "./request-head.ts";
import { secureContextFor } from "./secure-contexts.ts";
import { openTunnel } from "./tunnel.ts";
import { splitUserInfo } from "./user-info.ts";

/** A running GET request. */
export interface Download {
  /**
   * Head of the last answer in a chain of redirects; the body goes to the sink. Resolves with undefined if the pool
   * cannot send the request, so that the caller must use the slower client `request`.
   */
  readonly answer: Promise<ResponseHead | undefined>;
  /** Aborts the request. `answer` then rejects with the reason. */
  cancel(reason: Error): void;
}

/** A running request that can be paused. During a pause, the body of the answer is not read. */
export interface PacedDownload extends Download {
  pause(): void;
  resume(): void;
}

/** A GET request. URL and fields are the same as for `get`. */
export interface GetRequest {
  readonly url: string;
  readonly fields: string;
}

export interface PoolRequest extends GetRequest {
  readonly method: string;
  /** Body of the request as a Latin-1 string, one character for each byte. */
  readonly body: string;
  /**
   * Whether the request must not be sent twice, because it changes data. Such a request fails if the server has closed
   * the connection.
   */
  readonly once?: boolean;
}

/** Maximum number of idle connections per origin (scheme, host and port), as in Prometheus. */
const IDLE_PER_ORIGIN = 1000;
const IDLE_MS = 5 * 60_000;
const SWEEP_MS = 60_000;
/**
 * Longest idle time in ms of a connection that is used for a request that must not be repeated. Servers close idle
 * connections after 5 s or more.
 */
const IDLE_FOR_ONCE_MS = 4000;

/** Connections to one origin (scheme, host and port) or to a unix socket. */
interface Origin {
  /**
   * Opens a connection.
   * @param through an open connection to a proxy, through which the new connection goes
   */
  readonly open: (onread: Parameters<OpenSocket>[0], through?: Socket) => Socket;
  readonly readiness: Readiness;
  /** Opens a connection to the server through a proxy (with CONNECT). */
  readonly tunnel: ((signal: AbortSignal) => Promise<Socket>) | undefined;
  /** Text before the path in request lines to a proxy: scheme, host and port of the server. */
  readonly prefix: string;
  readonly authority: string;
  /** Header lines that are sent to the proxy. */
  readonly fields: string;
  /** Idle connections; the most recently used is the last. */
  readonly idle: Http1Connection[];
  /** Number of connections in use or idle. */
  connections: number;
  speaksHttp2: boolean;
  /** Time of the last use, ms of the monotonic clock. */
  usedAt: number;
}

/** The TLS options that connections use. */
type TlsTerms = Pick<ConnectionOptions, "ca" | "cert" | "key" | "minVersion" | "maxVersion" | "servername"> & {
  readonly allowH2?: boolean;
};

export interface ConnectionPoolOptions {
  readonly clock: Clock;
  /** TLS and connection options in undici's format. */
  readonly connect: Readonly<Record<string, unknown>>;
  readonly proxies: Proxies;
  /** Header lines that are sent to proxies with CONNECT. */
  readonly connectFields: string;
  /** Path of a unix socket for the requests to all hosts; "" for none. A request may name a different socket. */
  readonly socketPath: string;
  /** Counter of opened connections. */
  readonly dials?: DialCounts | undefined;
}

/**
 * Sends requests over HTTP/1.1 connections, which are kept per origin with Prometheus' limits. The pool is faster than
 * `request` (undici) but supports only ordinary cases. In other cases, such as HTTP/2, the result is undefined and the
 * caller must use `request`.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #tls: () => ConnectionOptions;
  readonly #origins = new Map<string, Origin>();
  readonly #all = new Set<Http1Connection>();
  #cancelSweep: (() => void) | undefined;
  /** Callback when the last connection of a retired pool has closed. */
  #retired: (() => void) | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    const { ca, cert, key, minVersion, maxVersion, servername, allowH2 } = options.connect as TlsTerms;
    const secureContext = secureContextFor({ ca, cert, key, minVersion, maxVersion });
    this.#tls = () => ({
      secureContext: secureContext(),
      ...(servername === undefined ? {} : { servername }),
      // Turns off Node's check of certificates, because #verify checks them before any data is sent.
      rejectUnauthorized: false,
      ALPNProtocols: allowH2 === true ? ["h2", "http/1.1"] : ["http/1.1"],
    });
  }

  /**
   * Sends a GET request, and follows a redirect if `redirected` returns the next request. The answer is undefined if
   * the pool cannot send the request, so that the caller must use the slower client `request`.
   * @param url http or https; user and password in it are ignored
   * @param fields lines of the request's head, each with its CR LF, without Host
   * @param socketPath path of a unix socket that replaces the URL's host
   * @param redirected returns the next request if the answer is a redirect; undefined if the answer is the last one
   */
  get(
    url: string,
    fields: string,
    sink: BodySink,
    socketPath = this.#options.socketPath,
    redirected: (head: ResponseHead) => GetRequest | undefined = () => undefined,
  ): Download {
    const begin = (request: GetRequest): Exchange | undefined =>
      this.#exchange({ ...request, method: "GET", body: "" }, sink, socketPath);
    const first = begin({ url, fields });
    if (first === undefined) return NOT_SUPPORTED;
    let running = first;
    let cancelled: Error | undefined;
    const follow = async (): Promise<ResponseHead | undefined> => {
      for (;;) {
        const head = await this.#run(running);
        const redirection = head === undefined ? undefined : redirected(head);
        if (redirection === undefined) return head;
        // Stops at an unusual redirect target. The caller then repeats the whole request with the slower client.
        const next = begin(redirection);
        if (next === undefined) return undefined;
        running = next;
        if (cancelled !== undefined) throw cancelled;
      }
    };
    return {
      answer: follow(),
      cancel(reason) {
        cancelled = reason;
        running.cancel(reason);
      },
    };
  }

  /** Sends one request. Does not follow redirects: the sink receives the body of the redirect. */
  send(request: PoolRequest, sink: BodySink): PacedDownload {
    const exchange = this.#exchange(request, sink, this.#options.socketPath);
    if (exchange === undefined) return { ...NOT_SUPPORTED, pause: () => undefined, resume: () => undefined };
    return {
      answer: this.#run(exchange),
      cancel: (reason) => exchange.cancel(reason),
      pause: () => exchange.pause(),
      resume: () => exchange.resume(),
    };
  }

  /**
   * Prepares a request. Returns undefined if the pool cannot handle the URL or the server, so that the caller must use
   * the slower client `request`.
   */
  #exchange(poolRequest: PoolRequest, sink: BodySink, socketPath: string): Exchange | undefined {
    const { method, url, fields, body } = poolRequest;
    const end = authorityEnd(url);
    const path = end < 0 ? undefined : pathOf(url, end);
    const name = splitUserInfo(url.slice(0, end)).url;
    const origin = path === undefined ? undefined : this.#origin(name, socketPath);
    if (origin === undefined) return undefined;
    this.#cancelSweep ??= this.#options.clock.after(SWEEP_MS, () => this.#sweep());
    origin.usedAt = this.#options.clock.monotonic();
    if (origin.speaksHttp2) return undefined;
    const { prefix, authority, fields: own } = origin;
    const length = body === "" && method === "GET" ? "" : `Content-Length: ${body.length}\r\n`;
    const request = `${method} ${prefix}${path} HTTP/1.1\r\nHost: ${authority}\r\n${own}${fields}${length}\r\n${body}`;
    // Time since which the last connection in `idle` is idle. This connection has the shortest idle time.
    const { idleSince = 0 } = origin.idle.at(-1) ?? {};
    const fresh = poolRequest.once === true && idleSince < origin.usedAt - IDLE_FOR_ONCE_MS;
    return new Exchange(origin, { ...poolRequest, request, sink, fresh }, (through) =>
      this.#connection(origin, through),
    );
  }

  /** Closes each connection as soon as it has no running request. Resolves when all connections are closed. */
  async retire(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#retired = resolve));
    this.#endIdle();
    if (this.#all.size === 0) this.#retired!();
    await ended;
  }

  #endIdle(): void {
    for (const { idle } of this.#origins.values()) while (idle.length > 0) idle.pop()!.close(RETIRED);
  }

  /** Closes all connections, including those in use. */
  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const connection of this.#all) connection.close(new Error("client closed"));
    this.#origins.clear();
  }

  async #run(exchange: Exchange): Promise<ResponseHead | undefined> {
    const head = await exchange.run();
    exchange.giveBack(this.#options.clock.monotonic());
    if (this.#retired !== undefined) this.#endIdle();
    return head;
  }

  #origin(name: string, socketPath: string): Origin | undefined {
    const key = socketPath === "" ? name : `${name} ${socketPath}`;
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      origin = this.#makeOrigin(name, socketPath);
      if (origin !== undefined) this.#origins.set(key, origin);
    }
    return origin;
  }

  #makeOrigin(name: string, socketPath: string): Origin | undefined {
    const address = requestOrigin(name);
    if (address === undefined) return undefined;
    const proxy = socketPath === "" ? this.#options.proxies.of(new URL(name)) : undefined;
    const forwards = proxy !== undefined && !address.secure;
    // Next hop of the connection. Plain HTTP requests are sent to the proxy itself. For HTTPS, the proxy opens a
    // tunnel.
    const next = forwards ? proxy : address;
    const password = forwards && proxy.authorization !== "" ? `Proxy-Authorization: ${proxy.authorization}\r\n` : "";
    return {
      open: this.#opener(next, socketPath),
      readiness: {
        event: next.secure ? "secureConnect" : "connect",
        verify: (socket) => (next.secure ? this.#verify(socket as TLSSocket, next.host) : undefined),
        toProxy: forwards,
      },
      tunnel: proxy === undefined || forwards ? undefined : (signal) => this.#tunnel(proxy, address, signal),
      prefix: forwards ? name : "",
      authority: address.authority,
      fields: password,
      idle: [],
      connections: 0,
      speaksHttp2: false,
      usedAt: 0,
    };
  }

  #opener({ secure, host, port }: Pick<RequestOrigin, "secure" | "host" | "port">, socketPath: string): Origin["open"] {
    const lookup = this.#options.connect["lookup"] as LookupFunction | undefined;
    const to =
      socketPath === ""
        ? { host, port, keepAlive: true, keepAliveInitialDelay: 60_000, ...(lookup && { lookup }) }
        : { path: socketPath };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const { dials } = this.#options;
    const watched = <T extends Socket>(socket: T): T => dials?.watch(socket) ?? socket;
    if (!secure) return (onread) => watched(connect({ ...to, onread }));
    return (onread, through) => {
      if (through === undefined)
        return watched(connectTls(Object.assign({ ...servername, ...this.#tls(), ...to }, { onread })));
      // Opens TLS over the socket of a tunnel. Such a connection delivers bytes only by events, each with one TLS
      // record, which is far smaller than the buffer.
      const socket = connectTls({ ...servername, ...this.#tls(), socket: through });
      return socket.on("data", (bytes: Buffer) => {
        for (let from = 0; from < bytes.length; from += onread.buffer.length) {
          onread.callback(bytes.copy(onread.buffer, 0, from));
        }
      });
    };
  }

  #tunnel(proxy: Proxy, { host, port }: RequestOrigin, signal: AbortSignal): Promise<Socket> {
    const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const verify = (socket: TLSSocket, name: string): Error | undefined => this.#verify(socket, name);
    const { connectFields: fields, dials } = this.#options;
    return openTunnel({ proxy, authority, fields, tls: this.#tls, verify, signal, dials });
  }

  #verify(socket: TLSSocket, host: string): Error | undefined {
    const { rejectUnauthorized, servername } = this.#options.connect;
    if (rejectUnauthorized === false) return undefined;
    return certificateProblem(socket, typeof servername === "string" ? servername : host, this.#options.clock.now());
  }

  #connection(origin: Origin, through?: Socket): Http1Connection {
    const made = new Http1Connection(
      (onread) => origin.open(onread, through),
      origin.readiness,
      () => {
        origin.connections--;
        this.#all.delete(made);
        const at = origin.idle.indexOf(made);
        if (at >= 0) origin.idle.splice(at, 1);
        if (this.#all.size === 0) this.#retired?.();
      },
    );
    origin.connections++;
    this.#all.add(made);
    return made;
  }

  /** Removes connections and origins that were unused for a long time. */
  #sweep(): void {
    const { clock } = this.#options;
    const limit = clock.monotonic() - IDLE_MS;
    for (const [key, origin] of this.#origins) {
      for (const connection of origin.idle.filter(({ idleSince }) => idleSince <= limit)) {
        connection.close(new Error("idle"));
      }
      if (origin.connections === 0 && origin.usedAt <= limit) this.#origins.delete(key);
    }
    this.#cancelSweep = this.#origins.size === 0 ? undefined : clock.after(SWEEP_MS, () => this.#sweep());
  }
}

const RETIRED = new Error("the TLS files of the client have changed");

const NOT_SUPPORTED: Download = { answer: Promise.resolve(undefined), cancel: () => undefined };

interface WireRequest extends Pick<PoolRequest, "once" | "url"> {
  /** The complete request as a Latin-1 string, one character for each byte. */
  readonly request: string;
  readonly sink: BodySink;
  /** Whether the request must use a new connection, even if an idle connection exists. */
  readonly fresh: boolean;
}

/**
 * Sends one request and reads its answer. Uses another connection if the server has closed the idle connection in the
 * meantime.
 */
class Exchange {
  readonly #origin: Origin;
  readonly #request: WireRequest;
  readonly #connect: (through?: Socket) => Http1Connection;
  #connection: Http1Connection | undefined;
  #tunnelling: AbortController | undefined;
  #cancelled = false;

  constructor(origin: Origin, request: WireRequest, connect: (through?: Socket) => Http1Connection) {
    this.#origin = origin;
    this.#request = request;
    this.#connect = connect;
  }

  /** Sends the request and reads the answer. Returns undefined if the server chose HTTP/2. */
  async run(): Promise<ResponseHead | undefined> {
    const { once = false, request, sink, url } = this.#request;
    for (let { fresh } = this.#request; ; fresh = true) {
      const connection =
        (fresh ? undefined : this.#origin.idle.pop()) ??
        (this.#origin.tunnel === undefined ? this.#connect() : await this.#throughProxy(this.#origin.tunnel));
      this.#connection = connection;
      try {
        return await connection.send(request, sink);
      } catch (error) {
        if (error instanceof Http2Negotiated) {
          this.#origin.speaksHttp2 = true;
          return undefined;
        }
        if (this.#cancelled || once || !connection.lostIdle) throw withUrl(error as Error, url);
      }
    }
  }

  async #throughProxy(tunnel: NonNullable<Origin["tunnel"]>): Promise<Http1Connection> {
    this.#tunnelling = new AbortController();
    try {
      return this.#connect(await tunnel(this.#tunnelling.signal));
    } catch (error) {
      throw withUrl(error as Error, this.#request.url);
    } finally {
      this.#tunnelling = undefined;
    }
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  /** Returns the connection to the pool for the next request. */
  giveBack(now: number): void {
    const connection = this.#connection!;
    // Forgets the connection, because after the request it may belong to another request.
    this.#connection = undefined;
    if (!connection.usable) return;
    const { idle } = this.#origin;
    if (idle.length >= IDLE_PER_ORIGIN) connection.close(new Error("too many idle connections"));
    else {
      connection.idleSince = now;
      idle.push(connection);
    }
  }

  cancel(reason: Error): void {
    this.#cancelled = true;
    this.#tunnelling?.abort(reason);
    this.#connection?.close(reason);
  }
}
