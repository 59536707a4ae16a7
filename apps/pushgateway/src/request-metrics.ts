import type { MetricFamily } from "@narthex/exposition";
import { observeAnswers, type SelfMetrics } from "@narthex/http";
import { type OwnFamilies, type OwnFamily, typeNumber } from "@narthex/pushing";
import type { FastifyInstance, FastifyRequest } from "fastify";

const QUANTILES = [0.1, 0.5, 0.9];

/** Metrics of requests. A metric is exposed after its first observation. */
const REQUEST_METRICS = {
  requests: {
    name: "pushgateway_http_requests_total",
    help: "Total HTTP requests processed by the Pushgateway, excluding scrapes.",
    type: "counter",
  },
  size: {
    name: "pushgateway_http_push_size_bytes",
    help: "HTTP request size for pushes to the Pushgateway.",
    type: "summary",
  },
  duration: {
    name: "pushgateway_http_push_duration_seconds",
    help: "HTTP request duration for pushes to the Pushgateway.",
    type: "summary",
  },
} as const;

/** Counts requests by handler, and pushes by size and time. Scrapes are not counted. */
export function countGatewayRequests(app: FastifyInstance, self: SelfMetrics, prefix: string): void {
  const { requests: all, size: bytes, duration: seconds } = REQUEST_METRICS;
  const requests = self.counter(all.name, all.help, ["code", "handler", "method"]);
  const size = self.summary(bytes.name, bytes.help, QUANTILES, ["method"]);
  const duration = self.summary(seconds.name, seconds.help, QUANTILES, ["method"]);
  // Requests that reached a handler. Requests that were refused before (because of users, limits or encoding) are not
  // counted.
  const handled = new WeakSet<object>();
  app.addHook("preHandler", async ({ raw }) => void handled.add(raw));
  observeAnswers(app, ({ request, route, code, method, seconds }) => {
    if (!handled.has(request.raw)) return;
    const handler = request.routeOptions.config.handlerLabel ?? pageLabel(route, prefix);
    // Skips redirects, because no handler answers them.
    if (handler === undefined || code.startsWith("3")) return;
    requests.inc({ code, handler, method });
    if (handler !== "push") return;
    size.observe({ method }, requestBytes(request));
    duration.observe({ method }, seconds);
  });
}

/**
 * Returns the `handler` label for the web page and its files, whose routes are shared by all servers and declare no
 * label.
 */
function pageLabel(route: string, prefix: string): string | undefined {
  if (route === `${prefix}/` || route === `${prefix}/status` || route === prefix) return "status";
  return route.startsWith(`${prefix}/assets/`) ? "static" : undefined;
}

/** Returns the approximate size of a request in bytes: request line, headers and body. */
function requestBytes(request: FastifyRequest): number {
  let bytes = request.url.length + request.method.length + "HTTP/1.1".length;
  for (const text of request.raw.rawHeaders) bytes += text.length;
  return bytes + Number(request.headers["content-length"] ?? 0);
}

/**
 * Returns the metrics that pushes must not contradict: the gateway's own metrics, including metrics that later requests
 * will create.
 */
export function ownFamilies(families: readonly MetricFamily[]): OwnFamilies {
  const own = new Map<string, OwnFamily>(
    families.map(({ name, help, type }) => [name, { type: typeNumber(type), help, isFromStart: true }]),
  );
  for (const { name, help, type } of Object.values(REQUEST_METRICS)) {
    own.set(name, { type: typeNumber(type), help, isFromStart: false });
  }
  return own;
}
