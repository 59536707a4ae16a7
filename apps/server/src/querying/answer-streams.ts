import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { acceptedEncoding, ApiError, sendJson } from "@narthex/http";
import { QueryError } from "@narthex/promql";
import type { QueryScheduler, StreamedResponse } from "@narthex/querying";
import { type Clock, cutWhenStalled, type Logger } from "@narthex/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SentPieces } from "./sent-pieces.ts";

export interface ClientOptions {
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  readonly gzip: boolean;
}

export interface AnswerStreamsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: Pick<QueryScheduler, "usedBytes" | "refusals">;
}

/** Interval in ms between two checks whether memory was refused while responses are being sent. */
const LOOK_MS = 1000;
/**
 * A client that has read no byte for STALLED_MS (ms) is disconnected, if memory was refused within the last
 * REFUSED_LATELY_MS (ms).
 */
const STALLED_MS = 5000;
const REFUSED_LATELY_MS = 10_000;

/**
 * Sends responses while they are computed, and cancels the computation if the client disconnects. Memory counts as used
 * until it is sent; if memory is short, clients that read nothing are disconnected.
 */
export class AnswerStreams {
  readonly #options: AnswerStreamsOptions;
  readonly #open = new Set<ServerResponse>();
  #isWatching = false;
  #refusals = 0;
  #refusedAt = -Infinity;

  constructor(options: AnswerStreamsOptions) {
    this.#options = options;
  }

  async send<A extends StreamedResponse>(
    request: FastifyRequest,
    reply: FastifyReply,
    send: (client: ClientOptions) => Promise<A>,
    form: {
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly tail: (answer: A) => string;
    },
  ): Promise<FastifyReply> {
    let found: A | undefined;
    const signal = clientGone(reply);
    reply.raw.once("close", () => {
      this.#open.delete(reply.raw);
      found?.release();
    });
    const gzip = acceptedEncoding(request.headers["accept-encoding"]) === "gzip";
    const answer = (found = await send({ signal, gzip }));
    if (reply.raw.destroyed) answer.release();
    const { first, rest } = answer;
    const tail = form.tail(answer);
    if (answer.gzip) reply.header("content-encoding", "gzip");
    const { contentType = "application/json", headers = {} } = form;
    reply.headers(headers);
    if (rest === undefined) {
      const whole = Buffer.concat([first, answer.end(tail)]);
      return contentType === "application/json"
        ? sendJson(reply, whole)
        : reply.header("content-type", contentType).send(whole);
    }
    if (!reply.raw.destroyed) this.#watch(reply.raw);
    const { reuse = () => {} } = answer;
    const sent = new SentPieces(reply.raw, reuse);
    const body: Readable = Readable.from(
      joined(first, rest, {
        taken(piece) {
          sent.add(piece);
          sent.reuseLeft(body);
        },
        end: () => answer.end(tail),
      }),
      { objectMode: false, highWaterMark: 1 },
    );
    return reply.header("content-type", contentType).send(body);
  }

  #watch(response: ServerResponse): void {
    this.#open.add(response);
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#refusals = this.#options.memory.refusals;
    this.#lookLater();
  }

  #lookLater(): void {
    this.#options.clock.after(LOOK_MS, () => {
      this.#isWatching = this.#open.size > 0;
      if (!this.#isWatching) return;
      this.#cutIfRefused();
      this.#lookLater();
    });
  }

  #cutIfRefused(): void {
    const { clock, memory, logger } = this.#options;
    const { refusals } = memory;
    if (refusals === this.#refusals) return;
    this.#refusals = refusals;
    this.#refusedAt = clock.monotonic();
    for (const response of this.#open)
      cutWhenStalled(response, {
        stalledMs: STALLED_MS,
        isNeeded: () => clock.monotonic() - this.#refusedAt < REFUSED_LATELY_MS,
        onCut: (client) =>
          logger.warn("Disconnected a client that does not read its answer: queries needed more memory than allowed", {
            client,
            held: memory.usedBytes,
          }),
      });
  }
}

/** Returns a signal that is aborted if the client disconnects before it has received the complete answer. */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => {
    // Aborts only if the response is incomplete, because an abort is expensive.
    if (!raw.writableFinished) gone.abort();
  });
  if (raw.destroyed) gone.abort();
  return gone.signal;
}

/**
 * Yields the first piece of a response, then the remaining pieces. @param taken called with a piece when the next one
 * is requested
 */
async function* joined(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  { taken, end }: { readonly taken: (piece: Uint8Array) => void; readonly end: () => Uint8Array },
): AsyncGenerator<Uint8Array> {
  yield first;
  taken(first);
  for await (const piece of rest) {
    yield piece;
    taken(piece);
  }
  yield end();
}

const ERROR_TYPES = {
  "bad-query": "bad_data",
  timeout: "timeout",
  canceled: "canceled",
  "too-many-samples": "execution",
  execution: "execution",
  storage: "internal",
} as const;

/** Returns the API's error for a failed query job. `unreadable` creates the error for a query that cannot be parsed. */
export function apiErrorOf(error: unknown, unreadable: (problem: string) => ApiError): unknown {
  if (!(error instanceof QueryError)) return error;
  return error.kind === "bad-query" ? unreadable(error.message) : new ApiError(ERROR_TYPES[error.kind], error.message);
}
