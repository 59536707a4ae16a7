import { gather, isGzipWanted, writeAnswer } from "@narthex/exposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { access } from "../server/access.ts";
import { compressed, gzippedNow } from "../server/compress.ts";
import type { SelfMetrics } from "./self-metrics.ts";

/**
 * Largest size in bytes of an answer that is compressed on this thread. For a short answer, using another thread takes
 * longer than the compression.
 */
const MAX_SYNC_BYTES = 16 * 1024;

/** Serves a process' own metrics at `path`. Counts the requests like the handler of the Go client. */
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
  app.get(path, { ...access("read"), onSend: gzipScrape }, async (request, reply) => {
    inFlight.inc();
    try {
      const { body, contentType } = writeAnswer(gather(await metrics.families()), request.headers.accept);
      served.inc({ code: "200" });
      return await reply.header("content-type", contentType).send(body);
    } catch (error) {
      served.inc({ code: "500" });
      throw error;
    } finally {
      inFlight.dec();
    }
  });
}

/**
 * Compresses the metrics if the scraper accepts compression. Must be called after memory for the answer was reserved,
 * because a long body waits for zlib's threads.
 */
export async function gzipScrape(request: FastifyRequest, reply: FastifyReply, body: unknown): Promise<unknown> {
  const isText = typeof body === "string" || body instanceof Uint8Array;
  if (!isText || reply.statusCode !== 200 || !isGzipWanted(request.headers["accept-encoding"]?.toString())) return body;
  reply.header("content-encoding", "gzip").removeHeader("content-length");
  return body.length <= MAX_SYNC_BYTES ? gzippedNow(body) : compressed("gzip", body);
}
