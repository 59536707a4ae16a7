import { compilePattern, type Pattern } from "@narthex/model";
import { access } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Routes that browsers do not use and that need no CORS headers. */
const FOR_PROGRAMS = ["/write", "/read", "/otlp/v1/metrics", "/openapi.yaml"];

const isForPrograms = (url = ""): boolean => FOR_PROGRAMS.some((path) => url.endsWith(`/api/v1${path}`));

/** Adds CORS headers to API responses. `--web.cors.origin` is a regular expression that must match the whole origin. */
export function allowOrigins(app: FastifyInstance, origin: string): void {
  const pattern: Pattern = compilePattern(origin);
  const allow = (request: FastifyRequest, reply: FastifyReply): void => {
    if (isForPrograms(request.routeOptions.url)) return;
    reply.header("vary", "Origin");
    const from = request.headers.origin;
    if (from === undefined || from === "") return;
    reply.header("access-control-allow-headers", "Accept, Authorization, Content-Type, Origin");
    reply.header("access-control-allow-methods", "GET, POST, OPTIONS");
    reply.header("access-control-expose-headers", "Date");
    if (origin === ".*") reply.header("access-control-allow-origin", "*");
    else if (pattern.test(from)) reply.header("access-control-allow-origin", from);
  };
  app.addHook("onRequest", (request, reply, done) => {
    allow(request, reply);
    done();
  });
  app.options("/*", access("read", { scope: "open" }), async (_request, reply) => reply.code(204).send());
}
