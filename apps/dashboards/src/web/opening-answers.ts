import type { FastifyRequest } from "fastify";

/** Matches uids that the web page accepts in its URL. */
const UID = /^[\w-]+$/;

/** Matches the routes of pages that draw a dashboard. The page with a dashboard's permissions does not match. */
const DASHBOARD_PAGE = /^\/d(?:-solo)?\/:uid(?:\/:slug)?$/;

/**
 * Returns the paths that a page requests first, so that the browser can send these requests early: for a dashboard, its
 * JSON and the data sources.
 */
export function openingAnswers({ routeOptions, params }: FastifyRequest): readonly string[] {
  const url = routeOptions.url ?? "";
  if (!DASHBOARD_PAGE.test(url)) return [];
  const { uid } = params as { readonly uid: string };
  return UID.test(uid) ? [`api/dashboards/uid/${uid}`, "api/narthex/sources"] : [];
}
