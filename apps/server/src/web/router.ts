import { access, compressAnswers, redirectUncleanPaths, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Context, State } from "../context.ts";
import type { ServerFeature, Scope } from "../server-feature.ts";
import { allowOrigins } from "./cors.ts";
import { readForms } from "./request-bodies.ts";
import { countRequests } from "./request-metrics.ts";

/** Mounts the routes of all features below the route prefix. If there is a prefix, `/` redirects to it. */
export async function mountRoutes(
  app: FastifyInstance,
  { flags, metrics, state, web: { routePrefix } }: Context,
  features: Iterable<ServerFeature>,
): Promise<void> {
  redirectUncleanPaths(app);
  countRequests(app, metrics);
  if (routePrefix !== "")
    app.get("/", access("read", { series: "none" }), (_request, reply) => reply.redirect(`${routePrefix}/`, 302));
  const mount = async (parent: FastifyInstance, scope: Scope): Promise<void> => {
    for (const { routes } of features) {
      const register = routes?.[scope];
      if (register !== undefined) await parent.register(async (own) => register(own));
    }
  };
  const root = async (below: FastifyInstance): Promise<void> => {
    await mount(below, "root");
    await below.register(async (whenReady) => {
      compressAnswers(whenReady);
      refuseUntilReady(whenReady, state);
      await mount(whenReady, "rootWhenReady");
    });
  };
  const api = async (below: FastifyInstance): Promise<void> => {
    allowOrigins(below, flags["web.cors.origin"]);
    compressAnswers(below);
    await mount(below, "api");
    await below.register(async (whenReady) => {
      useEnvelope(whenReady);
      readForms(whenReady);
      refuseUntilReady(whenReady, state);
      await mount(whenReady, "apiWhenReady");
    });
  };
  await app.register(root, { prefix: routePrefix });
  await app.register(api, { prefix: `${routePrefix}/api/v1` });
}

function refuseUntilReady(app: FastifyInstance, state: State): void {
  app.addHook("onRequest", (_request, reply, done) => {
    if (state.phase === "ready") {
      done();
      return;
    }
    void reply
      .code(503)
      .header("x-prometheus-stopping", String(state.phase === "stopping"))
      .header("content-type", "text/plain; charset=utf-8")
      .send("Service Unavailable");
  });
}
