import type { FastifyInstance } from "fastify";
import { accessDenied, unauthorized } from "../web/refusal.ts";
import type { VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleTo } from "./visible.ts";

/**
 * Refuses requests to routes that need a level in a folder, on a dashboard or on a data source if the sender has this
 * level nowhere. Such requests are refused before their body is read.
 */
export function guardPlaces(app: FastifyInstance, visible: VisibleTo, visibleSources: VisibleSourcesTo): void {
  app.addHook("onRequest", async (request) => {
    const { right, level, action = "" } = request.routeOptions.config;
    if (level === undefined) return;
    const seen = right === "source" ? visibleSources(request) : visible(request);
    if (seen.mayAnywhere(level)) return;
    throw request.principal.kind === "anonymous" ? unauthorized() : accessDenied(action);
  });
}
