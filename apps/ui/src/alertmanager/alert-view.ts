import type { AlertGroup, ManagedAlert } from "../api/alertmanager.ts";
import { groupOrders } from "./group-summary.ts";
import type { GroupOrder } from "./group-summary.ts";
import { formatMatchers, parseMatchers } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";

/** Filters and settings of the alerts page, which are stored in the URL. */
export interface AlertView {
  readonly matchers: readonly Matcher[];
  /** Filter text in the URL that could not be parsed; null if the filter is valid. */
  readonly badFilter: string | null;
  readonly receiver: string;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly muted: boolean;
  readonly active: boolean;
  readonly group: readonly string[];
  /**
   * Whether the page groups alerts by the labels in `group`. Otherwise the routes of the Alertmanager determine the
   * groups.
   */
  readonly customGrouping: boolean;
  readonly order: GroupOrder;
}

function flag(params: URLSearchParams, name: string, fallback: boolean): boolean {
  const value = params.get(name);
  return value === null ? fallback : value.toLowerCase() !== "false";
}

/** Reads the query string of `/alerts`. An invalid filter is kept as text, so that the page can show it. */
export function decodeAlertView(search: string): AlertView {
  const params = new URLSearchParams(search);
  const filter = params.get("filter") ?? "";
  const matchers = parseMatchers(filter);
  const group = params.get("group");
  return {
    matchers: matchers ?? [],
    badFilter: matchers === null ? filter : null,
    receiver: params.get("receiver") ?? "",
    silenced: flag(params, "silenced", false),
    inhibited: flag(params, "inhibited", false),
    muted: flag(params, "muted", false),
    active: flag(params, "active", true),
    group: group === null ? ["alertname"] : group.split(",").filter((name) => name !== ""),
    customGrouping: params.has("customGrouping"),
    order: groupOrders.find((order) => order === params.get("order")) ?? "severity",
  };
}

/** Returns the query string that `decodeAlertView` reads. Its parameters are in the same order as in existing links. */
export function encodeAlertView(view: AlertView): string {
  const parts = [
    `silenced=${view.silenced}`,
    `inhibited=${view.inhibited}`,
    `muted=${view.muted}`,
    `active=${view.active}`,
  ];
  if (view.matchers.length > 0) parts.push(`filter=${encodeURIComponent(formatMatchers(view.matchers))}`);
  if (view.receiver !== "") parts.push(`receiver=${encodeURIComponent(view.receiver)}`);
  if (view.group.join() !== "alertname") parts.push(`group=${encodeURIComponent(view.group.join(","))}`);
  if (view.customGrouping) parts.push("customGrouping=true");
  if (view.order !== "severity") parts.push(`order=${view.order}`);
  return parts.join("&");
}

export function groupAlerts(alerts: readonly ManagedAlert[], names: readonly string[]): AlertGroup[] {
  const groups = new Map<string, { labels: Record<string, string>; alerts: ManagedAlert[] }>();
  for (const alert of alerts) {
    const labels: Record<string, string> = {};
    for (const name of names) {
      const value = alert.labels[name];
      if (value !== undefined) labels[name] = value;
    }
    const key = JSON.stringify(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, alerts: [alert] });
    else group.alerts.push(alert);
  }
  return Array.from(groups)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, group]) => ({ ...group, receiver: null }));
}
