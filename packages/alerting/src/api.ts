import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { alertRoutes } from "./alert-routes.ts";
import { sendBytes, sendFault, sendGoJson } from "./api-exchange.ts";
import { ApiFault, HandlerError } from "./api-fault.ts";
import type { ApiOptions } from "./api-options.ts";
import { historyRoutes } from "./history-routes.ts";
import { silenceRoutes } from "./silence-routes.ts";

/** Alertmanager's API v2; mount under `/api/v2`. */
export function apiV2(options: ApiOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    app.addHook("onRequest", async (request, reply) => {
      reply.header("cache-control", "no-store").header("vary", "Origin");
      if (request.headers.origin !== undefined) reply.header("access-control-allow-origin", "*");
    });
    app.setErrorHandler((error, _request, reply) => {
      if (error instanceof ApiFault) return sendFault(reply, error.statusCode, error.code, error.message);
      if (error instanceof HandlerError) return sendGoJson(reply, error.message, error.statusCode);
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      const message = error instanceof Error ? error.message : String(error);
      return sendFault(reply, status, status, message);
    });
    const methods = collectMethods(app);
    alertRoutes(app, options);
    silenceRoutes(app, options);
    historyRoutes(app, options);
    // Go's generated code writes this one answer with < and > as they are.
    app.get("/status", (_request, reply) => sendBytes(reply, `${JSON.stringify(statusOf(options))}\n`, 200));
    app.options("/*", (_request, reply) => preflight(reply));
    app.setNotFoundHandler((request) => refuseUnknown(request, methods));
  };
}

/** Methods by route path, for 405 answers. */
function collectMethods(app: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  return methods;
}

const preflight = (reply: FastifyReply): FastifyReply =>
  reply
    .code(204)
    .header("access-control-allow-origin", "*")
    .header("access-control-allow-methods", "GET, POST, PUT, DELETE")
    .header("access-control-allow-headers", "Accept, Authorization, Content-Type, Origin")
    .send();

function refuseUnknown(request: FastifyRequest, methods: ReadonlyMap<string, ReadonlySet<string>>): never {
  const path = request.url.split("?")[0]!;
  const known = methods.get(path) ?? methods.get(path.replace(/\/silence\/[^/]+$/, "/silence/:id"));
  if (known === undefined || path.endsWith("/*")) throw new ApiFault(404, 404, `path ${path} was not found`);
  const allowed = [...known]
    .filter((method) => method !== "HEAD" && method !== "OPTIONS")
    .sort()
    .reverse()
    .join(",");
  throw new ApiFault(405, 405, `method ${request.method} is not allowed, but [${allowed}] are`);
}

function statusOf({ startedAt, versionInfo, state }: ApiOptions): unknown {
  return {
    cluster: { peers: [], status: "disabled" },
    config: { original: state().configYaml },
    uptime: new Date(startedAt).toISOString(),
    versionInfo,
  };
}
