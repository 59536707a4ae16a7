import { observeAnswers, plainError, type SelfMetrics } from "@narthex/http";
import { healthChecks } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BYTES = Array.from({ length: 7 }, (_, i) => 100 * 10 ** i);

/** Counts requests by route, and refuses GET requests if more than `limit` are running. */
export function countRequests(
  app: FastifyInstance,
  metrics: SelfMetrics,
  options: { prefix: string; limit: number },
): void {
  const duration = metrics.histogram(
    "alertmanager_http_request_duration_seconds",
    "Histogram of latencies for HTTP requests.",
    SECONDS,
    ["handler", "method", "code"],
  );
  const size = metrics.histogram(
    "alertmanager_http_response_size_bytes",
    "Histogram of response size for HTTP requests.",
    BYTES,
    ["handler", "method"],
  );
  const inFlight = metrics.gauge(
    "alertmanager_http_requests_in_flight",
    "Current number of HTTP requests being processed.",
    ["method"],
  );
  const refused = metrics.counter(
    "alertmanager_http_concurrency_limit_exceeded_total",
    "Total number of times an HTTP request failed because the concurrency limit was reached.",
    ["method"],
  );
  inFlight.set({ method: "get" }, 0);
  refused.inc({ method: "get" }, 0);
  const isHealthCheck = healthChecks(options.prefix);
  let gets = 0;
  app.addHook("onRequest", async (request, reply) => {
    if (request.method !== "GET") return;
    inFlight.set({ method: "get" }, ++gets);
    reply.raw.once("close", () => inFlight.set({ method: "get" }, --gets));
    // Never refuses health checks, because a failed health check would restart a process that is only busy.
    if (gets <= options.limit || isHealthCheck(request.url)) return;
    refused.inc({ method: "get" });
    const text = `Limit of concurrent GET requests reached (${options.limit}), try again later.\n`;
    return plainError(reply, 503, text);
  });
  observeAnswers(app, ({ route, method, code, seconds, bytes }) => {
    const handler = handlerOf(route.slice(options.prefix.length));
    duration.observe({ handler, method, code }, seconds);
    // Measures the duration only for API requests, as the original Alertmanager does.
    if (!handler.startsWith("/api/v2/")) size.observe({ handler, method }, bytes);
  });
}

/** Converts a route path to the notation that the original Alertmanager uses in the `handler` label. */
const handlerOf = (path: string): string => {
  if (path === "") return "/";
  return path.replace("/api/v1/*", "/alerts").replace(":id", "{silenceID}");
};
