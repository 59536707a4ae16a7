import { plainError, redirect } from "@narthex/http";
import { requestPath } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/** Returns the path of a URL as bytes. Malformed paths were already refused. */
export const pathBytes = (url: string): Uint8Array => Buffer.from(requestPath(url) ?? "", "latin1");

/**
 * Returns the path for routing: percent-decoded, and with each character that does not occur in routes replaced,
 * because Fastify's router refuses paths that are not UTF-8. Handlers read the real values from `originalUrl`.
 */
export function routedUrl(url: string): string {
  const path = requestPath(url);
  if (path === undefined) return "/";
  const queryAt = url.indexOf("?");
  return path.replace(/[^\w\-.~@:/]/g, "_") + (queryAt === -1 ? "" : url.slice(queryAt));
}

const CHANGES: ReadonlySet<string> = new Set(["PUT", "POST", "DELETE"]);

/** Answers requests with a path that contains no job. Redirects the API's root to the path with a trailing slash. */
export function answerPathsWithoutJob(app: FastifyInstance, prefix: string): void {
  app.addHook("onRequest", async (request, reply) => {
    const path = requestPath(request.originalUrl) ?? "";
    if (path === `${prefix}/api/v1`) return redirect(request, reply, `${path}/`, 301);
    const rest = path.startsWith(`${prefix}/metrics/job`) ? path.slice(`${prefix}/metrics/`.length) : "";
    if (!/^job(?:@base64)?\/?$/.test(rest)) return undefined;
    if (!rest.endsWith("/") || !CHANGES.has(request.method)) return plainError(reply, 404, "404 page not found");
    return reply.code(307).header("location", path.slice(0, -1)).send();
  });
}
