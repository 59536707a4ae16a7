import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/setting-table.ts";

/**
 * Returns the content security policy, which lets pages load only resources of this server. Inline styles are allowed,
 * because charts and components use them. Images may come from any server, because texts in dashboards show them.
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

/** Adds security headers to each response, unless a handler has already set them. */
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
