import { access, bodyOf, contentTypeOf, plainError, readHeldBodies, type SelfMetrics } from "@narthex/http";
import { type AcceptedWrites, writeMessageOf, type WriteReceiver, type WriteResult } from "@narthex/remote";
import type { FastifyInstance, FastifyReply } from "fastify";

interface Options {
  readonly receiver: WriteReceiver;
  readonly accepted: AcceptedWrites;
  readonly metrics: SelfMetrics;
}

const MIB = 1024 * 1024;
/** Memory limits for request bodies. A usual request of a few thousand samples is a tenth of `freeBytes`. */
const LIMITS = { maxBytes: 64 * MIB, maxHeldBytes: 256 * MIB, freeBytes: MIB / 4 };

/** Serves `POST /api/v1/write`. */
export function writeRoute(app: FastifyInstance, { receiver, accepted, metrics }: Options): void {
  const invalid = metrics.counter(
    "prometheus_api_remote_write_invalid_labels_samples_total",
    "The total number of received remote write samples and histogram samples which were rejected due to invalid labels.",
  );
  // Registers a counter of Prometheus that stays at 0, because this server never refuses metadata.
  metrics.counter(
    "prometheus_api_remote_write_without_metadata_appended_samples_total",
    "The total number of received remote write samples (and histogram samples) which were ingested without corresponding metadata.",
  );
  readHeldBodies(app, LIMITS);
  app.post("/write", access("write", { scope: "push", series: "none" }), async (request, reply) => {
    const choice = writeMessageOf(contentTypeOf(request), request.headers["content-encoding"], accepted);
    if (!choice.ok) return plainError(reply, 415, choice.problem);
    const result = await receiver.receive(choice.message, bodyOf(request), choice.compression);
    invalid.inc({}, result.withInvalidLabels);
    if (result.counts !== undefined && choice.message === "io.prometheus.write.v2.Request") {
      setCounts(reply, result.counts);
    }
    return result.status === 204 ? reply.code(204).send() : plainError(reply, result.status, result.problem);
  });
}

function setCounts(reply: FastifyReply, counts: NonNullable<WriteResult["counts"]>): void {
  reply.headers({
    "x-prometheus-remote-write-samples-written": String(counts.samples),
    "x-prometheus-remote-write-histograms-written": String(counts.histograms),
    "x-prometheus-remote-write-exemplars-written": String(counts.exemplars),
  });
}

/** Adds the route that returns Prometheus's error for a disabled remote write receiver. */
export function disabledWriteRoute(app: FastifyInstance): void {
  app.post("/write", access("write", { scope: "push", series: "none" }), async (_request, reply) =>
    plainError(reply, 404, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver"),
  );
}
