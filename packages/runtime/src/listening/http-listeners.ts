import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { formatAddress } from "../listen-address.ts";
import type { Logger } from "../logger.ts";
import { AnswerAccount, clientOf } from "./answer-account.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import { type Exchange, RequestPipeline } from "./request-pipeline.ts";
import { healthChecks } from "./request-path.ts";
import { malformedAnswer, requestTarget } from "./request-target.ts";
import { RequestTurns } from "./request-turns.ts";

/** Where a server listens. */
export type ListenPlace = { readonly fd: number } | { readonly host: string | undefined; readonly port: number };

/** Takes connections, and hands over what comes of those that may be served. */
export interface SecureAcceptor {
  take(connection: Socket): void;
  /** Ends those that it has not handed over. */
  close(): void;
}

export interface HttpListenersOptions {
  readonly places: readonly ListenPlace[];
  /** A server of Node's without listeners for its requests; one for each place. */
  readonly open: () => Server;
  /** What connections go through before they are served, such as TLS; one for each place. */
  readonly secure?: ((accept: (socket: Socket) => void) => SecureAcceptor) | undefined;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** What the paths of all routes begin with, also those that ask for health. Default "". */
  readonly routePrefix?: string | undefined;
  /** Which URLs are answered before others' requests. Default: `/-/healthy` and `/-/ready` below the prefix. */
  readonly isHealthCheck?: ((url: string) => boolean) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Connections served at once, over all places; more wait. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Time for reading one request and for idle connections. Default 5 min. */
  readonly readTimeoutMs?: number | undefined;
  /** Bytes of whole answers that may wait for their clients at once. Default 128 MiB. */
  readonly answerBytes?: number | undefined;
  /** How long a client may take nothing of its answer while others wait for room. Default 5 s. */
  readonly stalledMs?: number | undefined;
}

/** What the servers of Node's are to be made with: lengths as in Go, and no answers of Node's own. */
export const SERVER_OPTIONS = { maxHeaderSize: 1024 * 1024, requireHostHeader: false } as const;

const DEFAULT_READ_TIMEOUT_MS = 300_000;
const DEFAULT_ANSWER_BYTES = 128 * 1024 * 1024;
const DEFAULT_STALLED_MS = 5000;
/** How often answers under way are looked at while the listeners end. */
const LOOK_MS = 50;
/** At the end, a client that sends or takes no byte for so long is not waited for. */
const END_STALLED_MS = 1000;

/**
 * HTTP on one or more sockets, such that no client keeps others from being served: requests of a connection are
 * answered one after the other, those of all connections take turns, and answers that no one reads are bounded.
 */
export class HttpListeners {
  /** What whole answers are charged to when they are made. */
  readonly answers: AnswerAccount;
  /** Connections that were taken since the start, and those of them that are closed. */
  readonly connections: { readonly accepted: number; readonly closed: number };
  readonly #connections = { accepted: 0, closed: 0 };
  readonly #options: HttpListenersOptions;
  readonly #turns: RequestTurns;
  readonly #limit: ConnectionLimit;
  readonly #isHealthCheck: (url: string) => boolean;
  readonly #servers: Server[] = [];
  readonly #acceptors: SecureAcceptor[] = [];
  readonly #pipelines = new Map<Socket, RequestPipeline>();
  #isEnding = false;

  constructor(options: HttpListenersOptions) {
    this.#options = options;
    this.connections = this.#connections;
    this.answers = new AnswerAccount({
      limit: options.answerBytes ?? DEFAULT_ANSWER_BYTES,
      stalledMs: options.stalledMs ?? DEFAULT_STALLED_MS,
      logger: options.logger,
    });
    this.#turns = new RequestTurns(this.answers);
    this.#isHealthCheck = options.isHealthCheck ?? healthChecks(options.routePrefix ?? "");
    this.#limit = new ConnectionLimit(options.maxConnections ?? Infinity);
  }

  /** Binds all places; the bound `host:port`s in their order. */
  async start(): Promise<readonly string[]> {
    const { places, logger } = this.#options;
    for (const place of places) {
      const server = this.#open();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ ...place }, () => {
          server.off("error", reject);
          server.on("error", (error) => logger.warn("A connection could not be taken", { err: error }));
          resolve();
        });
      });
      this.#servers.push(server);
    }
    return this.#servers.map((server) => formatAddress(server.address() as AddressInfo));
  }

  /** Ends idle connections at once, busy ones when their answer is out or their client no longer sends or takes any byte. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    const closing = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    this.#limit.close();
    for (const acceptor of this.#acceptors) acceptor.close();
    for (const pipeline of this.#pipelines.values()) pipeline.end();
    const cancel = this.#cutStalled();
    await Promise.all(closing);
    cancel();
  }

  #open(): Server {
    const { open, readTimeoutMs = DEFAULT_READ_TIMEOUT_MS } = this.#options;
    const server = open();
    server.keepAliveTimeout = readTimeoutMs;
    server.requestTimeout = readTimeoutMs;
    server.headersTimeout = readTimeoutMs;
    // Called by close(); Node calls a connection idle whose answer is still on its way.
    server.closeIdleConnections = () => {};
    server.on("request", (request, response) => this.#take({ request, response }));
    server.on("checkContinue", (request, response) => this.#take({ request, response, before: "continue" }));
    server.on("checkExpectation", (request, response) => this.#take({ request, response, before: "refuse" }));
    server.on("clientError", (error: Error & { code?: string }, socket) => {
      const isOver = error.code === "ECONNRESET" || error.code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable;
      const pipeline = isOver ? undefined : this.#pipelines.get(socket as Socket);
      if (pipeline === undefined) socket.destroy();
      else pipeline.fail(malformedAnswer(error.code));
    });
    this.#interpose(server);
    return server;
  }

  /** Puts the limit and what makes connections safe before Node's own listener for them, and a pipeline behind it. */
  #interpose(server: Server): void {
    const listeners = server.listeners("connection");
    const serve = (socket: Socket): void => {
      for (const listener of listeners) listener.call(server, socket);
      this.#add(socket);
    };
    const acceptor = this.#options.secure?.(serve);
    if (acceptor !== undefined) this.#acceptors.push(acceptor);
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      this.#turns.accepted();
      this.#connections.accepted++;
      socket.once("close", () => this.#connections.closed++);
      if (this.#isEnding) {
        socket.destroy();
        return;
      }
      this.#limit.admit(socket, () => (acceptor === undefined ? serve(socket) : acceptor.take(socket)));
    });
  }

  #add(socket: Socket): void {
    const pipeline = new RequestPipeline(socket, (exchange) => this.#begin(exchange));
    this.#pipelines.set(socket, pipeline);
    socket.once("close", () => this.#pipelines.delete(socket));
  }

  #take(exchange: Exchange): void {
    this.#pipelines.get(exchange.request.socket)?.add(exchange);
  }

  /** Health is asked by who starts the process again: it waits for no one else's requests. */
  #begin(exchange: Exchange): void {
    const { request, response } = exchange;
    const target = requestTarget(request.url ?? "/");
    if (target !== undefined) request.url = target;
    const run = (): void => this.#handle(exchange, target !== undefined);
    if (this.#isHealthCheck(request.url ?? "")) run();
    else response.once("close", this.#turns.take(clientOf(request.socket), run));
  }

  #handle({ request, response, before }: Exchange, hasTarget: boolean): void {
    if (response.destroyed) return;
    const hasHost = request.headers.host !== undefined || request.httpVersion === "1.0";
    if (!hasTarget || !hasHost) {
      request.socket.end(malformedAnswer(hasHost ? "" : "NO_HOST"));
    } else if (request.httpVersionMajor !== 1) request.socket.end(malformedAnswer("HPE_INVALID_VERSION"));
    else if (request.url === "*" && request.method === "OPTIONS") response.writeHead(200, NOTHING).end();
    else if (before === "refuse") response.writeHead(417, NOTHING).end();
    else {
      if (before === "continue") response.writeContinue();
      this.#options.handle(request, response);
    }
  }

  /** Looks again and again: a long answer's first byte may come later. */
  #cutStalled(): () => void {
    const watched = new Set<Socket>();
    let cancel = (): void => {};
    const look = (): void => {
      for (const [socket, pipeline] of this.#pipelines) {
        if ((socket.writableLength === 0 && !pipeline.isReceiving) || watched.has(socket)) continue;
        watched.add(socket);
        socket.setTimeout(END_STALLED_MS, () => socket.destroy());
      }
      cancel = this.#options.clock.after(LOOK_MS, look);
    };
    look();
    return () => cancel();
  }
}

const NOTHING = { connection: "close", "content-length": 0 };
