import { SnappyError, SnappyReader, snappySize } from "@narthex/bytes";
import { access, bodyOf, limitingMatchers, plainError, readHeldBodies, type SelfMetrics } from "@narthex/http";
import { QueryError } from "@narthex/promql";
import {
  acceptedTypes,
  type QueryLane,
  type RemoteReadListing,
  restrictReadRequest,
  SAMPLES,
  selectorsOf,
  STREAMED_XOR_CHUNKS,
} from "@narthex/querying";
import { type Clock, type Logger, runInTimeSlices } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requesterOf } from "../querying/request-origin.ts";
import type { AnswerStreams } from "../querying/answer-streams.ts";

interface Options {
  readonly lane: Pick<QueryLane, "list">;
  readonly streams: AnswerStreams;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SelfMetrics;
  readonly externalLabels: () => readonly string[];
  readonly sampleLimit: number;
  readonly maxBytesInFrame: number;
}

const MIB = 1024 * 1024;
/** Largest size of a request in bytes, compressed or not. */
const MAX_BYTES = 32 * MIB;
/** Largest size of a request, in bytes, whose selectors are shown in the list of queries. */
const MAX_LISTED_BYTES = 16 * 1024;
const LIMITS = { maxBytes: MAX_BYTES, maxHeldBytes: 4 * MAX_BYTES, freeBytes: MIB / 4 };

const CONTENT_TYPES = {
  samples: "application/x-protobuf",
  chunks: "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
} as const;

class RequestProblem extends Error {
  override readonly name = "RequestProblem";
}

/** Serves `POST /api/v1/read`, the remote read protocol of Prometheus. */
export function readRoute(app: FastifyInstance, options: Options): void {
  const { lane, streams, logger, metrics, externalLabels, sampleLimit, maxBytesInFrame } = options;
  const queries = metrics.gauge(
    "prometheus_remote_read_handler_queries",
    "The current number of remote read queries that are either in execution or queued on the handler.",
  );
  let active = 0;
  metrics.addSource(() => {
    queries.set(active);
    return [];
  });
  readRequestRoute(app, options.clock, async (request, reply, received) => {
    // Counts the request only if the client is still connected, because otherwise no close event follows.
    if (!reply.raw.destroyed) {
      active++;
      reply.raw.once("close", () => void active--);
    }
    try {
      const limit = limitingMatchers(request);
      const message = limit.length === 0 ? received : restrictReadRequest(received, limit);
      const form = chosenForm(acceptedTypes(message));
      const listing: RemoteReadListing = {
        kind: "remote read",
        match: message.length <= MAX_LISTED_BYTES ? selectorsOf(message) : [],
        request: message,
        form,
        // Adds no external labels if the client's access is limited. Otherwise a limit by an external label would also
        // select stored series without this label.
        externalLabels: limit.length === 0 ? externalLabels() : [],
        sampleLimit,
        maxBytesInFrame,
      };
      const tail = ({ warnings }: { readonly warnings: readonly string[] }): string => {
        for (const warning of warnings) logger.warn("Warnings on remote read query", { err: warning });
        return "";
      };
      const headers = form === "samples" ? { "content-encoding": "snappy" } : {};
      const list = ({ signal }: { readonly signal: AbortSignal }): ReturnType<QueryLane["list"]> =>
        lane.list({ listing, signal, ...requesterOf(request) });
      return await streams.send(request, reply, list, { contentType: CONTENT_TYPES[form], headers, tail });
    } catch (error) {
      return refused(reply, error);
    }
  });
}

export function readRequestRoute(
  app: FastifyInstance,
  clock: Clock,
  handler: (request: FastifyRequest, reply: FastifyReply, message: Uint8Array) => Promise<FastifyReply>,
): void {
  readHeldBodies(app, LIMITS);
  // Disables compression of responses, because remote read messages are already compressed.
  app.addHook("onRequest", async ({ headers }) => {
    delete headers["accept-encoding"];
  });
  app.post("/read", access("read", { scope: "query", series: "limited" }), async (request, reply) => {
    try {
      return await handler(request, reply, await unpack(bodyOf(request), clock));
    } catch (error) {
      return refused(reply, error);
    }
  });
}

/** Decompresses a body. Throws RequestProblem if it is not a snappy block. */
async function unpack(body: Uint8Array, clock: Clock): Promise<Uint8Array> {
  const size = snappySize(body);
  if (size > MAX_BYTES) throw new RequestProblem(`snappy: decoded length ${size} exceeds limit ${MAX_BYTES}`);
  try {
    const message = await runInTimeSlices(clock, new SnappyReader().expanding(body, MAX_BYTES));
    return message.slice();
  } catch (error) {
    if (error instanceof SnappyError) throw new RequestProblem("snappy: corrupt input");
    throw error;
  }
}

/**
 * Returns the first response form in the client's list that this server supports. If the list is empty, returns
 * "samples".
 */
function chosenForm(accepted: readonly number[]): RemoteReadListing["form"] {
  if (accepted.length === 0) return "samples";
  for (const type of accepted) {
    if (type === SAMPLES) return "samples";
    if (type === STREAMED_XOR_CHUNKS) return "chunks";
  }
  throw new RequestProblem(
    `server does not support any of the requested response types: [${accepted.join(" ")}]; supported: map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]`,
  );
}

/** Answers 400 for an error of the client, and 503 if a retry may succeed. */
function refused(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof RequestProblem) return plainError(reply, 400, error.message);
  if (!(error instanceof QueryError)) throw error;
  const { kind, message } = error;
  if (kind === "bad-query") return plainError(reply, 400, message);
  return plainError(reply, kind === "storage" || kind === "execution" ? 500 : 503, message);
}
