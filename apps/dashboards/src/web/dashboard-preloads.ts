import type { PagePreloads } from "@narthex/http";
import type { FastifyRequest } from "fastify";

/** Matches uids that the web page accepts in its URL. */
const UID = /^[\w-]+$/;

/** Matches the routes of pages that draw a dashboard. The page with a dashboard's permissions does not match. */
const DASHBOARD_PAGE = /^\/d(?:-solo)?\/:uid(?:\/:slug)?$/;

/**
 * Returns the requests that a dashboard page sends first, so that the browser can preload them: the dashboard's JSON
 * and the data sources.
 */
export function dashboardPreloads({ routeOptions, params }: FastifyRequest): PagePreloads | undefined {
  if (!DASHBOARD_PAGE.test(routeOptions.url ?? "")) return undefined;
  const { uid } = params as { readonly uid: string };
  return { page: "dashboard", answers: UID.test(uid) ? [`api/dashboards/uid/${uid}`, "api/narthex/sources"] : [] };
}
