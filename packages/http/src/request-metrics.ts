import type { FastifyInstance } from "fastify";
import type { SelfMetrics } from "./self-metrics.ts";

const DURATION_BUCKETS = [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120];
const SIZE_BUCKETS = Array.from({ length: 8 }, (_, i) => 100 * 10 ** i);

/** Counts requests, their duration and the size of their answers by route (`prometheus_http_*`). */
export function countRequests(app: FastifyInstance, metrics: SelfMetrics): void {
  const requests = metrics.counter("prometheus_http_requests_total", "Counter of HTTP requests.", ["handler", "code"]);
  const duration = metrics.histogram(
    "prometheus_http_request_duration_seconds",
    "Histogram of latencies for HTTP requests.",
    DURATION_BUCKETS,
    ["handler"],
  );
  const size = metrics.histogram(
    "prometheus_http_response_size_bytes",
    "Histogram of response size for HTTP requests.",
    SIZE_BUCKETS,
    ["handler"],
  );
  app.addHook("onRoute", ({ url }) => requests.inc({ handler: handlerOf(url), code: "200" }, 0));
  app.addHook("onResponse", async (request, reply) => {
    const { url } = request.routeOptions;
    if (url === undefined) return; // unknown paths are not counted, so that a scanner cannot grow the label
    const handler = handlerOf(url);
    requests.inc({ handler, code: String(reply.statusCode) });
    duration.observe({ handler }, reply.elapsedTime / 1000);
    size.observe({ handler }, Number(reply.getHeader("content-length") ?? 0));
  });
}

/** Our wildcard in the peer's spelling. */
const handlerOf = (url: string): string => url.replace(/\*$/, "*filepath");
