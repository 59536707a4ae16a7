import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";

/**
 * What pages may load: only what comes from here. Styles may stand in the page, since charts and components write them;
 * images may come from anywhere, since texts of dashboards show them.
 */
const contentPolicy = (allowsEmbedding: boolean): string =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: http: https:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    ...(allowsEmbedding ? [] : ["frame-ancestors 'none'"]),
  ].join("; ");

/** Sets on each answer what browsers are to make sure of. A handler that has set one of them is not overruled. */
export function setResponseHeaders(app: FastifyInstance, settings: Settings): void {
  const allowsEmbedding = settings["security.allow_embedding"];
  const headers: Readonly<Record<string, string>> = {
    "content-security-policy": contentPolicy(allowsEmbedding),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    ...(allowsEmbedding ? {} : { "x-frame-options": "deny" }),
  };
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(headers);
    if (request.url.startsWith("/api/")) void reply.header("cache-control", "no-store");
    done();
  });
}
