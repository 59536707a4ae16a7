import type { FastifyRequest } from "fastify";
import { maySee } from "../auth/rights.ts";
import { accessDenied, refusal } from "../web/refusal.ts";
import type { DashboardRecord } from "./dashboard-record.ts";
import type { DashboardStore } from "./dashboard-store.ts";

/** Returns a dashboard. Throws a refusal if it does not exist or the user may not see it. */
export function seenDashboard(
  dashboards: DashboardStore,
  record: DashboardRecord | undefined,
  { principal, routeOptions }: FastifyRequest,
): DashboardRecord {
  if (record === undefined) throw refusal(404, "Dashboard not found");
  if (maySee(principal.identity, dashboards.isForAdmins(record))) return record;
  throw accessDenied(routeOptions.config.action || "dashboards:read");
}
