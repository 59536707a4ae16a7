import { plainError, redirect } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { cleanPath, escapePath, requestPath } from "./request-path.ts";

/**
 * What a URL is routed as: the path with its escapes resolved, bytes beyond the routes' own alphabet replaced. Handlers
 * that want the values read `originalUrl`: Fastify's router refuses paths that are no UTF-8.
 */
export function routedUrl(url: string): string {
  const path = requestPath(url);
  if (!path.ok) return "/";
  const question = url.indexOf("?");
  const routed = Buffer.from(path.bytes)
    .toString("latin1")
    .replace(/[^\w\-.~@:/]/g, "_");
  return routed + (question === -1 ? "" : url.slice(question));
}

/** Refuses URLs that are none, and sends requests for an unclean path to the clean one, as Go's servers do. */
export function redirectUncleanPaths(app: FastifyInstance, prefix: string): void {
  app.addHook("onRequest", async (request, reply) => {
    const url = request.originalUrl;
    const path = requestPath(url);
    if (!path.ok) {
      return reply.code(400).header("connection", "close").type("text/plain; charset=utf-8").send("400 Bad Request");
    }
    const text = Buffer.from(path.bytes).toString("latin1");
    const clean = cleanPath(text);
    if (clean === text) return jobless(text, prefix, request, reply);
    return redirect(request, reply, escapePath(clean), 301);
  });
}

const CHANGES: ReadonlySet<string> = new Set(["PUT", "POST", "DELETE"]);

/** Paths that end where a job is to follow name nothing, and the API's begins with a slash behind it. */
function jobless(path: string, prefix: string, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (path === `${prefix}/api/v1`) return redirect(request, reply, `${path}/`, 301);
  const rest = path.startsWith(`${prefix}/metrics/job`) ? path.slice(`${prefix}/metrics/`.length) : "";
  if (!/^job(?:@base64)?\/?$/.test(rest)) return undefined;
  if (!rest.endsWith("/") || !CHANGES.has(request.method)) return plainError(reply, 404, "404 page not found");
  return reply.code(307).header("location", path.slice(0, -1)).send();
}
