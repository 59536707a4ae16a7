import type { PagePreloads } from "@narthex/http";
import type { FastifyRequest } from "fastify";

/** Matches the uids that the page recognises in an address. */
const UID = /^[\w-]+$/;

/** Returns the requests that a dashboard's page makes first: its JSON and the data sources. */
export function dashboardPreloads({ routeOptions, params }: FastifyRequest): PagePreloads | undefined {
  if (!/^\/d(?:-solo)?\//.test(routeOptions.url ?? "")) return undefined;
  const { uid } = params as { readonly uid: string };
  return { page: "dashboard", answers: UID.test(uid) ? [`api/dashboards/uid/${uid}`, "api/datasources"] : [] };
}
