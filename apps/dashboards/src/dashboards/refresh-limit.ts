import { formatInterval, parseInterval } from "@narthex/dashboards";
import { isObject } from "../web/request-body.ts";
import { refusal } from "../web/refusal.ts";
import type { DashboardJson } from "./dashboard-record.ts";

/** How often a dashboard asks again by itself, ms; undefined if it does not, or follows the range of time. */
function refreshMs(dashboard: DashboardJson): number | undefined {
  const time = dashboard["timeSettings"];
  const text = dashboard["refresh"] ?? (isObject(time) ? time["autoRefresh"] : undefined);
  return typeof text === "string" ? parseInterval(text) : undefined;
}

/** Does a dashboard ask more often than `dashboards.min_refresh_interval` allows? */
const isTooOften = (dashboard: DashboardJson, leastMs: number): boolean => {
  const ms = refreshMs(dashboard);
  return ms !== undefined && ms > 0 && ms < leastMs;
};

/** Throws a refusal in Grafana's words. */
export function checkRefresh(dashboard: DashboardJson, leastMs: number): void {
  if (!isTooOften(dashboard, leastMs)) return;
  const own = formatInterval(refreshMs(dashboard)!);
  throw refusal(
    400,
    `Dashboard refresh interval is too low: ${own} is below dashboards.min_refresh_interval (${formatInterval(leastMs)})`,
  );
}

/** The dashboard with the shortest interval that is allowed in place of a shorter one; undefined if its own is allowed. */
export function withLeastRefresh(dashboard: DashboardJson, leastMs: number): DashboardJson | undefined {
  if (!isTooOften(dashboard, leastMs)) return undefined;
  const least = formatInterval(leastMs);
  if (typeof dashboard["refresh"] === "string") return { ...dashboard, refresh: least };
  return { ...dashboard, timeSettings: { ...(dashboard["timeSettings"] as object), autoRefresh: least } };
}
