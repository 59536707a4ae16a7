import { plainError, redirect } from "@narthex/http";
import { requestPath } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/** The bytes of a URL's path; a malformed path has got no further than the listener. */
export const pathBytes = (url: string): Uint8Array => Buffer.from(requestPath(url) ?? "", "latin1");

/**
 * What a URL is routed as: the path with its escapes resolved, bytes beyond the routes' own alphabet replaced. Handlers
 * that want the values read `originalUrl`: Fastify's router refuses paths that are no UTF-8.
 */
export function routedUrl(url: string): string {
  const path = requestPath(url);
  if (path === undefined) return "/";
  const question = url.indexOf("?");
  return path.replace(/[^\w\-.~@:/]/g, "_") + (question === -1 ? "" : url.slice(question));
}

const CHANGES: ReadonlySet<string> = new Set(["PUT", "POST", "DELETE"]);

/** Answers requests whose path ends where a job is to follow, and leads to the API's root the client that leaves off its slash. */
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
