import { goJson, plainError, serveUi, uiFolder } from "@narthex/http";
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
      handler: (_request, reply) => reply.type("text/plain; charset=utf-8").send("OK"),
    });
  }
  app.post(`${prefix}/-/reload`, async (_request, reply) => {
    const problems = await engine.reload();
    if (problems.length === 0) return reply.send("");
    return plainError(reply, 500, `failed to reload config: ${problems.join("\n")}`);
  });
  app.all(`${prefix}/api/v1/*`, (_request, reply) =>
    reply
      .code(410)
      .header("content-type", "application/json")
      .send(Buffer.from(`${goJson(V1_GONE)}\n`)),
  );
  if (prefix !== "") app.get("/", (_request, reply) => reply.redirect(`${prefix}/`, 302));
  await app.register(
    (scope) =>
      serveUi(scope, {
        root: uiFolder(host.env, import.meta.url),
        page: "alertmanager.html",
        paths: ["/"],
        placeholders: () => ({}),
      }),
    { prefix },
  );
}

const V1_GONE = {
  status: "deprecated",
  error:
    "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent route in the v2 API",
};
