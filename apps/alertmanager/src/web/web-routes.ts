import { access, goJson, plainError, profileRoutes, redirect, serveUi } from "@narthex/http";
import { type Host, profilePages } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import type { Engine } from "../dispatching/engine.ts";

/** Redirects the route prefix and the API's root to the same path with a trailing slash, as Go's router does. */
export function redirectFolders(app: FastifyInstance, prefix: string): void {
  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split("?")[0]!;
    const isFolder = path === `${prefix}/api/v2` || (path === prefix && prefix !== "");
    return isFolder ? redirect(request, reply, `${path}/`, 301) : undefined;
  });
}

interface WebRoutesOptions {
  readonly host: Host;
  readonly engine: Engine;
  readonly prefix: string;
  /** Folder that contains the built UI. */
  readonly uiRoot: string;
}

/** Serves the pages, health, readiness and reload below the route prefix. */
export async function webRoutes(
  app: FastifyInstance,
  { host, engine, prefix, uiRoot }: WebRoutesOptions,
): Promise<void> {
  for (const check of ["healthy", "ready"]) {
    app.route({
      ...access("read", { scope: "open" }),
      method: ["GET", "HEAD"],
      url: `${prefix}/-/${check}`,
      handler: (request, reply) =>
        request.method === "HEAD" ? reply.send() : reply.type("text/plain; charset=utf-8").send("OK"),
    });
  }
  app.post(`${prefix}/-/reload`, access("lifecycle"), async (_request, reply) => {
    const problems = await engine.reload();
    if (problems.length === 0) return reply.send();
    return plainError(reply, 500, `failed to reload config: ${problems.join("\n")}`);
  });
  for (const [method, path] of V1_ROUTES) {
    app.route({
      ...access(method === "GET" ? "read" : "write", { scope: "read", series: "none" }),
      method,
      url: `${prefix}/api/v1/${path}`,
      handler: (_request, reply) =>
        reply
          .code(410)
          .header("content-type", "application/json")
          .send(Buffer.from(`${goJson(V1_GONE)}\n`)),
    });
  }
  profileRoutes(app, { pages: profilePages(host), prefix, below: "/debug/*", methods: ["GET", "POST"] });
  if (prefix !== "")
    app.get("/", access("read", { series: "none" }), (request, reply) => redirect(request, reply, prefix, 302));
  await app.register(
    async (scope) => {
      scope.addHook("onSend", async (_request, reply) => {
        // Disables caching of HTML pages, because they refer to files that the next version replaces.
        if (reply.statusCode !== 200 || !String(reply.getHeader("content-type")).startsWith("text/html")) return;
        reply.header("cache-control", "no-cache, no-store, must-revalidate").header("pragma", "no-cache");
        reply.header("expires", "0");
      });
      await serveUi(scope, {
        root: uiRoot,
        role: "alertmanager",
        title: "Narthex Alertmanager",
        paths: PAGES,
      });
    },
    { prefix },
  );
}

/**
 * Paths that return the UI's page. Alertmanager's links (`/#/alerts`) open `/`, and the other paths belong to this UI.
 */
const PAGES = [
  "/",
  "/alerts",
  "/silences",
  "/silences/new",
  "/silences/:id",
  "/silences/:id/edit",
  "/notifications",
  "/receivers",
  "/status",
  "/settings",
];

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

const V1_GONE = {
  status: "deprecated",
  error:
    "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API",
};
