import type { SelfMetrics } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";

const QUANTILES = [0.1, 0.5, 0.9];

/** What is counted of requests. A family is shown once it has counted something. */
export const REQUEST_METRICS = {
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

/** Counts requests by handler, and pushes by size and time; scrapes are not counted. */
export function countGatewayRequests(app: FastifyInstance, self: SelfMetrics, prefix: string): void {
  const { requests: all, size: bytes, duration: seconds } = REQUEST_METRICS;
  const requests = self.counter(all.name, all.help, ["code", "handler", "method"]);
  const size = self.summary(bytes.name, bytes.help, QUANTILES, ["method"]);
  const duration = self.summary(seconds.name, seconds.help, QUANTILES, ["method"]);
  // Requests that users, limits or what they are packed in keep from their handler are not counted.
  const handled = new WeakSet<object>();
  app.addHook("preHandler", async ({ raw }) => void handled.add(raw));
  app.addHook("onResponse", async (request, reply) => {
    if (!handled.has(request.raw)) return;
    const handler = request.routeOptions.config.handlerLabel ?? pageLabel(request, prefix);
    // What was sent elsewhere reached no handler.
    if (handler === undefined || (reply.statusCode >= 300 && reply.statusCode < 400)) return;
    const method = request.method.toLowerCase();
    requests.inc({ code: String(reply.statusCode), handler, method });
    if (handler !== "push") return;
    size.observe({ method }, requestBytes(request));
    duration.observe({ method }, reply.elapsedTime / 1000);
  });
}

/** The page and its files come from the shared UI routes, which carry no label of ours. */
function pageLabel(request: FastifyRequest, prefix: string): string | undefined {
  const url = request.routeOptions.url;
  if (url === `${prefix}/` || url === `${prefix}/status` || url === prefix) return "status";
  return url?.startsWith(`${prefix}/assets/`) === true ? "static" : undefined;
}

/** Request line, headers and body, about as long as they were sent. */
function requestBytes(request: FastifyRequest): number {
  let bytes = request.url.length + request.method.length + "HTTP/1.1".length;
  for (const text of request.raw.rawHeaders) bytes += text.length;
  return bytes + Number(request.headers["content-length"] ?? 0);
}
