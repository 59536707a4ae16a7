import type { FastifyInstance } from "fastify";
import { accessDenied, unauthorized } from "../web/refusal.ts";
import type { VisibleTo } from "./visible.ts";

/**
 * Refuses requests to routes that need a level in a folder or on a dashboard if the sender has this level nowhere. Such
 * requests are refused before their body is read.
 */
export function guardPlaces(app: FastifyInstance, visible: VisibleTo): void {
  app.addHook("onRequest", async (request) => {
    const { level, action = "" } = request.routeOptions.config;
    if (level === undefined || visible(request).mayAnywhere(level)) return;
    throw request.principal.kind === "anonymous" ? unauthorized() : accessDenied(action);
  });
}
