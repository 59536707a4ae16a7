import type { FastifyInstance } from "fastify";
import { accessDenied, unauthorized } from "../web/refusal.ts";
import type { VisibleAccountsTo } from "./visible-accounts.ts";
import type { VisibleSourcesTo } from "./visible-sources.ts";
import type { VisibleTo } from "./visible.ts";

/**
 * Functions that return the objects that a sender may see. Each function serves the routes that need a right on such an
 * object.
 */
export interface GuardedPlaces {
  readonly place: VisibleTo;
  readonly source: VisibleSourcesTo;
  readonly "service-account": VisibleAccountsTo;
}

/**
 * Refuses requests to routes that need a level in a folder, on a dashboard, a data source or a service account if the
 * sender has this level nowhere. Such requests are refused before their body is read.
 */
export function guardPlaces(app: FastifyInstance, visible: GuardedPlaces): void {
  app.addHook("onRequest", async (request) => {
    const { right, level, action = "" } = request.routeOptions.config;
    if (level === undefined) return;
    const kind = right === "source" || right === "service-account" ? right : "place";
    if (visible[kind](request).mayAnywhere(level)) return;
    throw request.principal.kind === "anonymous" ? unauthorized() : accessDenied(action);
  });
}
