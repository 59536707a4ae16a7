import { goJson, plainError, redirect, serveUi, uiFolder } from "@narthex/http";
import type { Host } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import type { Engine } from "./engine.ts";

/** Page, health, readiness and reload, under the route prefix. */
export async function webRoutes(
  app: FastifyInstance,
  { host, engine, prefix }: { readonly host: Host; readonly engine: Engine; readonly prefix: string },
): Promise<void> {
  for (const check of ["healthy", "ready"]) {
    app.route({
      method: ["GET", "HEAD"],
      url: `${prefix}/-/${check}`,
      handler: (request, reply) =>
        request.method === "HEAD" ? reply.send() : reply.type("text/plain; charset=utf-8").send("OK"),
    });
  }
  app.post(`${prefix}/-/reload`, async (_request, reply) => {
    const problems = await engine.reload();
    if (problems.length === 0) return reply.send();
    return plainError(reply, 500, `failed to reload config: ${problems.join("\n")}`);
  });
  for (const [method, path] of V1_ROUTES) {
    app.route({
      method,
      url: `${prefix}/api/v1/${path}`,
      handler: (_request, reply) =>
        reply
          .code(410)
          .header("content-type", "application/json")
          .send(Buffer.from(`${goJson(V1_GONE)}\n`)),
    });
  }
  // Whoever comes with Go's profiler is told why there is nothing.
  app.route({
    method: ["GET", "POST"],
    url: `${prefix}/debug/*`,
    handler: (request, reply) =>
      plainError(reply, 404, request.url.includes("/pprof") ? NO_PROFILES : "404 page not found"),
  });
  if (prefix !== "") app.get("/", (request, reply) => redirect(request, reply, prefix, 302));
  await app.register(
    async (scope) => {
      scope.addHook("onSend", async (_request, reply) => {
        // The page names files that go with the next version.
        if (reply.statusCode !== 200 || !String(reply.getHeader("content-type")).startsWith("text/html")) return;
        reply.header("cache-control", "no-cache, no-store, must-revalidate").header("pragma", "no-cache");
        reply.header("expires", "0");
      });
      await serveUi(scope, {
        root: uiFolder(host.env, import.meta.url),
        page: "alertmanager.html",
        paths: ["/"],
        placeholders: () => ({}),
      });
    },
    { prefix },
  );
}

const V1_ROUTES = [
  ["GET", "status"],
  ["GET", "receivers"],
  ["GET", "alerts"],
  ["POST", "alerts"],
  ["GET", "silences"],
  ["POST", "silences"],
  ["GET", "silence/:id"],
  ["DELETE", "silence/:id"],
] as const;

const NO_PROFILES =
  "This is Narthex, which runs on Node: there are no Go profiles. For a CPU profile start it with NODE_OPTIONS=--cpu-prof.";

const V1_GONE = {
  status: "deprecated",
  error:
    "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API",
};
