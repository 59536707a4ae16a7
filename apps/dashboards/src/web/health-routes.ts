import type { FastifyInstance } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";

/** Minimum time in ms between two health checks of the store. */
const CHECK_MS = 5000;

/** Adds the health check routes: `/api/health`, which returns JSON, and `/healthz`, which returns one line of text. */
export function healthRoutes(app: FastifyInstance, { build, clock, settings }: Context, stores: Stores): void {
  let checkedAt = -Infinity;
  let isHealthy = true;
  app.route({
    ...needs("none"),
    method: ["GET", "HEAD"],
    url: "/api/health",
    async handler(request, reply) {
      if (clock.monotonic() - checkedAt >= CHECK_MS) {
        checkedAt = clock.monotonic();
        isHealthy = await stores.isHealthy();
      }
      const isHidden = settings["auth.anonymous.hide_version"] && accountIdOf(request) === 0;
      const version = isHidden ? {} : { version: build.version, commit: build.revision };
      return reply.code(isHealthy ? 200 : 503).send({ database: isHealthy ? "ok" : "failing", ...version });
    },
  });
  app.route({
    ...needs("open"),
    method: ["GET", "HEAD"],
    url: "/healthz",
    handler: (_request, reply) => reply.type("text/plain; charset=utf-8").send("Ok"),
  });
}
