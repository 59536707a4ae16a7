import { connect, isIP } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContextOptions } from "node:tls";
import type { Clock } from "@narthex/runtime";
import { Http1Connection, Http2Chosen, type OpenSocket } from "./http1-connection.ts";
import type { AnswerHead } from "./http1-head.ts";
import type { BodySink } from "./http1-reader.ts";
import { RequestError, withUrl } from "./request-error.ts";
import { authorityEnd, pathOf, requestPlace } from "./request-place.ts";

/** A GET under way. */
export interface Download {
  /** Of the answer whose body went into the sink last; undefined where this way leads nowhere: only `request` can do it. */
  readonly answer: Promise<AnswerHead | undefined>;
  /** Breaks off; the promise rejects with the reason. */
  cancel(reason: Error): void;
}

/** Upstream's limits. */
const IDLE_PER_ORIGIN = 1000;
const IDLE_MS = 5 * 60_000;
const SWEEP_MS = 60_000;

/** As many as Go's client follows. */
const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** One scheme, host and port, or unix socket. */
interface Origin {
  readonly open: OpenSocket;
  readonly readyEvent: "connect" | "secureConnect";
  readonly authority: string;
  /** The latest used last. */
  readonly idle: Http1Connection[];
  /** In use or idle. */
  connections: number;
  speaksHttp2: boolean;
  /** Monotonic ms. */
  usedAt: number;
}

export interface KeptConnectionsOptions {
  readonly clock: Clock;
  /** As undici takes them. */
  readonly connect: Readonly<Record<string, unknown>>;
  readonly followRedirects: boolean;
  /** Of a unix socket that takes the place of all hosts that have none of their own; "" where there is none. */
  readonly socketPath: string;
}

/**
 * GETs over plain HTTP/1.1 connections, kept per origin between requests as upstream keeps them. Far cheaper than
 * `request`, and for the ordinary case only: where an answer needs more (HTTP/2), it says so.
 */
export class KeptConnections {
  readonly #options: KeptConnectionsOptions;
  readonly #tls: Readonly<Record<string, unknown>>;
  readonly #origins = new Map<string, Origin>();
  readonly #all = new Set<Http1Connection>();
  #cancelSweep: (() => void) | undefined;

  constructor(options: KeptConnectionsOptions) {
    this.#options = options;
    const { ca, cert, key, minVersion, maxVersion, servername, rejectUnauthorized, allowH2 } = options.connect;
    const context = Object.entries({ ca, cert, key, minVersion, maxVersion }).filter(
      ([, value]) => value !== undefined,
    );
    this.#tls = {
      // Made once: reading certificates costs more than a handshake.
      secureContext: createSecureContext(Object.fromEntries(context) as SecureContextOptions),
      ...(servername === undefined ? {} : { servername }),
      rejectUnauthorized,
      ALPNProtocols: allowH2 === true ? ["h2", "http/1.1"] : ["http/1.1"],
    };
  }

  /**
   * @param url http or https
   * @param fields lines of the request's head, each with its CR LF, without Host
   * @param socketPath of a unix socket that takes the place of the URL's host
   * @param bareFields the same without secrets, for redirects that lead elsewhere
   */
  get(
    url: string,
    fields: string,
    sink: BodySink,
    socketPath = this.#options.socketPath,
    bareFields = fields,
  ): Download {
    const first = this.#exchange(url, fields, sink, socketPath);
    if (first === undefined) return NO_WAY;
    let running = first;
    let cancelled: Error | undefined;
    const follow = async (): Promise<AnswerHead | undefined> => {
      let from = url;
      for (let hops = 0; ; hops++) {
        const head = await this.#run(running);
        if (head === undefined || !this.#options.followRedirects || !isRedirect(head)) return head;
        const to = redirected(from, head.location!, hops);
        const same = new URL(to).origin === new URL(url).origin;
        // A location with a twist is left to the other way, from the start.
        const next = this.#exchange(to, same ? fields : bareFields, sink, socketPath);
        if (next === undefined) return undefined;
        from = to;
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

  /** A request of its own; undefined where the URL, or the other side, needs another way. */
  #exchange(url: string, fields: string, sink: BodySink, socketPath: string): Exchange | undefined {
    const end = authorityEnd(url);
    const path = end < 0 ? undefined : pathOf(url, end);
    const origin = path === undefined ? undefined : this.#origin(url.slice(0, end), socketPath);
    if (origin === undefined) return undefined;
    this.#cancelSweep ??= this.#options.clock.after(SWEEP_MS, () => this.#sweep());
    origin.usedAt = this.#options.clock.monotonic();
    if (origin.speaksHttp2) return undefined;
    const request = `GET ${path} HTTP/1.1\r\nHost: ${origin.authority}\r\n${fields}\r\n`;
    return new Exchange(origin, request, sink, url, (fresh) => this.#connection(origin, fresh));
  }

  /** Ends all connections, those in use as well. */
  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const connection of this.#all) connection.close(new Error("client closed"));
    this.#origins.clear();
  }

  async #run(exchange: Exchange): Promise<AnswerHead | undefined> {
    const head = await exchange.run();
    exchange.giveBack(this.#options.clock.monotonic());
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
    const place = requestPlace(name);
    if (place === undefined) return undefined;
    const { secure, host, port, authority } = place;
    const to =
      socketPath === "" ? { host, port, keepAlive: true, keepAliveInitialDelay: 60_000 } : { path: socketPath };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return {
      open: secure
        ? (onread) => connectTls(Object.assign({ ...servername, ...this.#tls, ...to }, { onread }))
        : (onread) => connect({ ...to, onread }),
      readyEvent: secure ? "secureConnect" : "connect",
      authority,
      idle: [],
      connections: 0,
      speaksHttp2: false,
      usedAt: 0,
    };
  }

  /** The connection used last, or a new one. */
  #connection(origin: Origin, fresh: boolean): Http1Connection {
    const kept = fresh ? undefined : origin.idle.pop();
    if (kept !== undefined) return kept;
    const made = new Http1Connection(origin.open, origin.readyEvent, () => {
      origin.connections--;
      this.#all.delete(made);
      const at = origin.idle.indexOf(made);
      if (at >= 0) origin.idle.splice(at, 1);
    });
    origin.connections++;
    this.#all.add(made);
    return made;
  }

  /** Connections idle for long go, and so do origins not asked for that long. */
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

const NO_WAY: Download = { answer: Promise.resolve(undefined), cancel: () => undefined };

/** A redirect without a place to go to is an answer like any other. */
const isRedirect = ({ status, location }: AnswerHead): boolean =>
  REDIRECTS.has(status) && location !== undefined && location !== "";

/** Where a redirect leads. Throws what Go says of one that is too much, or leads nowhere. */
function redirected(from: string, location: string, hops: number): string {
  if (!URL.canParse(location, from)) {
    throw new RequestError(`failed to parse Location header ${JSON.stringify(location)}`, from);
  }
  if (hops === MAX_REDIRECTS - 1) throw new RequestError(`stopped after ${MAX_REDIRECTS} redirects`, location);
  const to = new URL(location, from);
  if (to.protocol === "http:" || to.protocol === "https:") return to.href;
  throw new RequestError(`unsupported protocol scheme ${JSON.stringify(to.protocol.slice(0, -1))}`, to.href);
}

/** One request on one connection, on another where the first turns out to have ended since its last answer. */
class Exchange {
  readonly #origin: Origin;
  readonly #request: string;
  readonly #sink: BodySink;
  readonly #url: string;
  readonly #connect: (fresh: boolean) => Http1Connection;
  #connection: Http1Connection | undefined;
  #cancelled = false;

  constructor(
    origin: Origin,
    request: string,
    sink: BodySink,
    url: string,
    connection: (fresh: boolean) => Http1Connection,
  ) {
    this.#url = url;
    this.#origin = origin;
    this.#request = request;
    this.#sink = sink;
    this.#connect = connection;
  }

  /** undefined: the other side wants HTTP/2. */
  async run(): Promise<AnswerHead | undefined> {
    for (let fresh = false; ; fresh = true) {
      const connection = this.#connect(fresh);
      this.#connection = connection;
      try {
        return await connection.send(this.#request, this.#sink);
      } catch (error) {
        if (error instanceof Http2Chosen) {
          this.#origin.speaksHttp2 = true;
          return undefined;
        }
        if (this.#cancelled || !connection.lostIdle) throw withUrl(error as Error, this.#url);
      }
    }
  }

  /** Lays the connection aside for the next request. */
  giveBack(now: number): void {
    const connection = this.#connection!;
    // What is cancelled from now on is nobody's request, or another's.
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
    this.#connection?.close(reason);
  }
}
