import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";

/**
 * The content security policy: pages load only resources of this server. Inline styles are allowed, since charts and
 * components use them. Images may come from anywhere, since texts of dashboards show them.
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

/** Sets security headers on each answer. Headers that a handler has set stay. */
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
