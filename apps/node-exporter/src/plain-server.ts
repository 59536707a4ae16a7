import type { MetricFamily } from "@narthex/exposition";
import type { ServerResponse } from "node:http";
import {
  type AnswerBudget,
  type Clock,
  healthChecks,
  HttpListeners,
  type Logger,
  parseListenAddress,
  SERVER_OPTIONS,
} from "@narthex/runtime";
import { type Answer, errorAnswer, type Handler } from "./answers.ts";

// Loads only the module of Node's HTTP server, because an import statement would also load the HTTP client, which takes
// four megabytes.
const { createServer } = process.getBuiltinModule("node:http");

/** Memory limit for answers that wait for their clients: the exporter must not disturb the host's main work. */
const ANSWER_BYTES = 16 * 1024 * 1024;

export interface PageServer {
  readonly name: "http";
  readonly tls: boolean;
  /** Returns metric families about faults of the web configuration; empty if there are no faults. */
  readonly faults?: () => readonly MetricFamily[];
  /** Binds all addresses. Resolves with the bound `host:port`s in the given order. */
  start(): Promise<readonly string[]>;
  /** Closes idle connections immediately, and other connections after their response has been sent. */
  stop(): Promise<void>;
}

/**
 * Treats requests of the landing page as health checks, because Prometheus' node_exporter has no health endpoint, and
 * monitoring systems request this page.
 */
export const isHealthCheck: (url: string) => boolean = healthChecks("", ["/"]);

/** Opens a server without TLS and authentication. It needs only Node's built-in HTTP server, which saves memory. */
export function plainServer(listen: readonly string[], handle: Handler, clock: Clock, logger: Logger): PageServer {
  const listeners = new HttpListeners({
    places: listen.map(parseListenAddress),
    open: () => createServer(SERVER_OPTIONS),
    handle(request, response) {
      const { method = "GET", url = "/", headers } = request;
      request.resume();
      const make = async (): Promise<Answer> => handle({ method, url, headers });
      answer(response, { answers: listeners.answers, clock }, make).catch((error: unknown) => {
        logger.error("Request failed", { method, path: url, err: error });
        response.destroy();
      });
    },
    isHealthCheck,
    clock,
    logger,
    answerBytes: ANSWER_BYTES,
  });
  return { name: "http", tls: false, start: () => listeners.start(), stop: () => listeners.stop() };
}

/** Number of bytes that are sent in one turn of the event loop. */
const BYTES_A_TURN = 2 * 1024 * 1024;

/** Sends a body in pieces, and yields to the event loop between them. */
function sendPieces(response: ServerResponse, body: Buffer | string, clock: Clock): void {
  let at = 0;
  const next = (): void => {
    // Stops sending, because the client has disconnected.
    if (response.destroyed) return;
    if (typeof body === "string" || body.length - at <= BYTES_A_TURN) {
      response.end(at === 0 ? body : body.slice(at));
      return;
    }
    response.write(body.subarray(at, at + BYTES_A_TURN), () => void clock.after(0, next));
    at += BYTES_A_TURN;
  };
  next();
}

interface Sending {
  readonly answers: AnswerBudget;
  readonly clock: Clock;
}

async function answer(
  response: ServerResponse,
  { answers, clock }: Sending,
  make: () => Promise<Answer>,
): Promise<void> {
  try {
    const { status, headers, body, release } = await make();
    if (release !== undefined) response.once("close", release);
    answers.charge(response, body.length);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    sendPieces(response, body, clock);
  } catch (error) {
    const { status, headers, body } = errorAnswer(500, "Internal Server Error");
    response.writeHead(status, headers).end(body);
    throw error;
  }
}
