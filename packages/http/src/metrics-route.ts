import { gather, isGzipWanted, writeAnswer } from "@narthex/exposition";
import type { FastifyInstance } from "fastify";
import { compressed } from "./fast-compression.ts";
import type { SelfMetrics } from "./self-metrics.ts";

/** Serves a role's own metrics at `path`, and counts the serving as the Go client's handler does. */
export function metricsRoute(app: FastifyInstance, path: string, metrics: SelfMetrics): void {
  const served = metrics.counter(
    "promhttp_metric_handler_requests_total",
    "Total number of scrapes by HTTP status code.",
    ["code"],
  );
  for (const code of ["200", "500", "503"]) served.inc({ code }, 0);
  const inFlight = metrics.gauge(
    "promhttp_metric_handler_requests_in_flight",
    "Current number of scrapes being served.",
  );
  app.get(path, async (request, reply) => {
    inFlight.inc();
    try {
      const { body, contentType } = writeAnswer(gather(await metrics.families()), request.headers.accept);
      served.inc({ code: "200" });
      reply.header("content-type", contentType);
      if (!isGzipWanted(request.headers["accept-encoding"]?.toString())) return reply.send(body);
      return reply.header("content-encoding", "gzip").send(await compressed("gzip", body));
    } catch (error) {
      served.inc({ code: "500" });
      throw error;
    } finally {
      inFlight.dec();
    }
  });
}
