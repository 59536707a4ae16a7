import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { formatAddress } from "../listen-address.ts";
import type { Logger } from "../logger.ts";
import { AnswerBudget, clientOf } from "./answer-budget.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import { type Exchange, RequestPipeline } from "./request-pipeline.ts";
import { healthChecks } from "./request-path.ts";
import { malformedAnswer, requestTarget } from "./request-target.ts";
import { RequestTurns } from "./request-turns.ts";

/** Address or file descriptor on which a server listens. */
export type ListenPlace = { readonly fd: number } | { readonly host: string | undefined; readonly port: number };

/** Handles connections before they are served, for example for TLS. */
export interface SecureAcceptor {
  take(connection: Socket): void;
  /** Closes the connections that are not served yet. */
  close(): void;
}

export interface HttpListenersOptions {
  readonly places: readonly ListenPlace[];
  /** Returns a Node server without request listeners. Called once for each address. */
  readonly open: () => Server;
  /** Returns a layer such as TLS that handles connections before they are served. Called once for each address. */
  readonly secure?: ((accept: (socket: Socket) => void) => SecureAcceptor) | undefined;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Prefix of the paths of all routes, including health checks. Default: "". */
  readonly routePrefix?: string | undefined;
  /** Selects URLs that are answered before other requests. Default: `/-/healthy` and `/-/ready` below the prefix. */
  readonly isHealthCheck?: ((url: string) => boolean) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Maximum number of connections served at once, over all addresses. More connections wait. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Time limit for reading one request and for idle connections, ms. Default: 5 min. */
  readonly readTimeoutMs?: number | undefined;
  /** Maximum number of bytes of whole answers that wait for their clients. Default: 128 MiB. */
  readonly answerBytes?: number | undefined;
  /** Time in ms for which a client may read nothing of its answer while other clients wait for memory. Default: 5 s. */
  readonly stalledMs?: number | undefined;
}

/** Options of Node's servers: maximum lengths as in Go, and no automatic answers of Node. */
export const SERVER_OPTIONS = { maxHeaderSize: 1024 * 1024, requireHostHeader: false } as const;

const DEFAULT_READ_TIMEOUT_MS = 300_000;
const DEFAULT_ANSWER_BYTES = 128 * 1024 * 1024;
const DEFAULT_STALLED_MS = 5000;
/** Interval at which running answers are checked while the listeners stop, ms. */
const LOOK_MS = 50;
/** Time in ms after which a client that sends or reads no byte is disconnected while the listeners stop. */
const END_STALLED_MS = 1000;

/**
 * Serves HTTP on one or more sockets. A client cannot block other clients. Requests of a connection are answered one
 * after another, all clients take turns, and the memory of unread answers is limited.
 */
export class HttpListeners {
  /** Limits the memory of whole answers, which are counted when they are created. */
  readonly answers: AnswerBudget;
  /** Number of connections that were accepted since the start, and number of these connections that are closed. */
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
    this.answers = new AnswerBudget({
      limit: options.answerBytes ?? DEFAULT_ANSWER_BYTES,
      stalledMs: options.stalledMs ?? DEFAULT_STALLED_MS,
      logger: options.logger,
    });
    this.#turns = new RequestTurns(this.answers);
    this.#isHealthCheck = options.isHealthCheck ?? healthChecks(options.routePrefix ?? "");
    this.#limit = new ConnectionLimit(options.maxConnections ?? Infinity);
  }

  /** Binds all addresses. Returns the bound `host:port`s in the order of the configured addresses. */
  async start(): Promise<readonly string[]> {
    const { places, logger } = this.#options;
    for (const place of places) {
      const server = this.#open();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ ...place }, () => {
          server.off("error", reject);
          server.on("error", (error) => logger.warn("A connection could not be accepted", { err: error }));
          resolve();
        });
      });
      this.#servers.push(server);
    }
    return this.#servers.map((server) => formatAddress(server.address() as AddressInfo));
  }

  /**
   * Stops accepting connections, and closes idle connections immediately. Busy connections are closed after their
   * answer was sent, or if their client stalls.
   */
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
    // Does nothing. Node's close() calls this function, but Node counts a connection as idle while its answer is still
    // being sent.
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

  /**
   * Puts the connection limit and the TLS layer before Node's own connection listener, and the request pipeline after
   * it.
   */
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

  /**
   * Begins to answer a request. Health checks come from a supervisor that may restart the process, so they do not wait
   * for other requests.
   */
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

  /**
   * Disconnects clients that stall while the listeners stop. Checks repeatedly, because the first byte of a long answer
   * may be sent later.
   */
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
