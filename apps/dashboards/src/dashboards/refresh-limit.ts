import { formatInterval, parseInterval } from "@narthex/dashboards";
import { isObject } from "../web/request-body.ts";
import { refusal } from "../web/refusal.ts";
import type { DashboardJson } from "./dashboard-record.ts";

/**
 * Returns the refresh interval of a dashboard, ms. Undefined if the dashboard is not refreshed, or if the interval
 * depends on the time range.
 */
function refreshMs(dashboard: DashboardJson): number | undefined {
  const time = dashboard["timeSettings"];
  const text = dashboard["refresh"] ?? (isObject(time) ? time["autoRefresh"] : undefined);
  return typeof text === "string" ? parseInterval(text) : undefined;
}

/** Reports whether a dashboard is refreshed more often than `dashboards.min_refresh_interval` allows. */
const isTooOften = (dashboard: DashboardJson, minMs: number): boolean => {
  const ms = refreshMs(dashboard);
  return ms !== undefined && ms > 0 && ms < minMs;
};

/** Throws Refusal (with Grafana's message) if a dashboard is refreshed more often than allowed. */
export function checkRefresh(dashboard: DashboardJson, minMs: number): void {
  if (!isTooOften(dashboard, minMs)) return;
  const own = formatInterval(refreshMs(dashboard)!);
  throw refusal(
    400,
    `Dashboard refresh interval is too low: ${own} is below dashboards.min_refresh_interval (${formatInterval(minMs)})`,
  );
}

/**
 * Returns a copy of the dashboard with the minimum allowed refresh interval, if its own interval is shorter. Otherwise
 * returns undefined.
 */
export function withLeastRefresh(dashboard: DashboardJson, minMs: number): DashboardJson | undefined {
  if (!isTooOften(dashboard, minMs)) return undefined;
  const least = formatInterval(minMs);
  if (typeof dashboard["refresh"] === "string") return { ...dashboard, refresh: least };
  return { ...dashboard, timeSettings: { ...(dashboard["timeSettings"] as object), autoRefresh: least } };
}
