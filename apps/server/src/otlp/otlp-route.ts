import { access, bodyOf, contentTypeOf, plainError, readHeldBodies, type SelfMetrics } from "@narthex/http";
import { MAX_MESSAGE_BYTES, otlpBodyOf, type OtlpReceiver, type OtlpResult } from "@narthex/remote";
import type { Clock, Logger } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

interface Options {
  readonly receiver: OtlpReceiver;
  readonly metrics: SelfMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MIB = 1024 * 1024;
/** Memory limits for request bodies. `freeBytes` is about the size of a usual request of a few thousand points. */
const LIMITS = { maxBytes: MAX_MESSAGE_BYTES, maxHeldBytes: 256 * MIB, freeBytes: MIB / 4 };

/** Serves `POST /api/v1/otlp/v1/metrics`. */
export function otlpRoute(app: FastifyInstance, { receiver, ...options }: Options): void {
  const observe = otlpObserver(options);
  readHeldBodies(app, LIMITS);
  app.post("/otlp/v1/metrics", access("write", { scope: "push", series: "none" }), async (request, reply) => {
    const body = otlpBodyOf(contentTypeOf(request), request.headers["content-encoding"]);
    if (!body.ok) return plainError(reply, 400, body.problem);
    const result = await receiver.receive(body.format, body.compression, bodyOf(request));
    observe(result);
    return result.status === 200 ? reply.code(200).send() : plainError(reply, result.status, result.problem);
  });
}

/**
 * Shortest time in ms between two log messages about skipped data, for all senders together. A collector sends the same
 * data every few seconds.
 */
const LOG_MS = 60_000;

function otlpObserver({ metrics, clock, logger }: Omit<Options, "receiver">): (result: OtlpResult) => void {
  const warnings = metrics.counter(
    "prometheus_api_otlp_translation_warnings_total",
    "The total number of warnings produced while translating OTLP metrics to the Prometheus model, by category.",
    ["category"],
  );
  // Registers a counter that Prometheus exports. The counter stays at 0, because known metadata of series is always
  // stored.
  metrics.counter(
    "prometheus_api_otlp_appended_samples_without_metadata_total",
    "The total number of samples ingested from OTLP without corresponding metadata.",
  );
  const lateExemplars = metrics.counter(
    "prometheus_api_otlp_out_of_order_exemplars_total",
    "The total number of received OTLP exemplars which were rejected because they were out of order.",
  );
  let quietUntil = -Infinity;
  return ({ leftOut, warnings: found, lateExemplars: late }) => {
    for (const [category, count] of found) warnings.inc({ category }, count);
    lateExemplars.inc({}, late);
    if (leftOut.length === 0 || clock.monotonic() < quietUntil) return;
    quietUntil = clock.monotonic() + LOG_MS;
    logger.warn("Some OTLP metrics were left out", { count: leftOut.length, err: leftOut[0]! });
  };
}

/** Adds the route that returns Prometheus's error for a disabled OTLP receiver. */
export function disabledOtlpRoute(app: FastifyInstance): void {
  app.post("/otlp/v1/metrics", access("write", { scope: "push", series: "none" }), async (_request, reply) =>
    plainError(reply, 404, "otlp write receiver needs to be enabled with --web.enable-otlp-receiver"),
  );
}
