import { observeAnswers, type SelfMetrics } from "@narthex/http";
import type { FastifyInstance } from "fastify";

const DURATION_BUCKETS = [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120];
const SIZE_BUCKETS = Array.from({ length: 8 }, (_, i) => 100 * 10 ** i);

/** Counts requests, and measures their duration and the size of answers, by route (`prometheus_http_*`). */
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
  observeAnswers(app, ({ route, code, seconds, bytes }) => {
    const handler = handlerOf(route);
    requests.inc({ handler, code });
    duration.observe({ handler }, seconds);
    size.observe({ handler }, bytes);
  });
}

/** Returns a route in Prometheus' notation for wildcards. */
const handlerOf = (url: string): string => url.replace(/\*$/, "*filepath");
