import {
  type ReplayedNotification,
  type ReplayedNotifications,
  timeText,
  type UnnotifiedAlert,
  type UnnotifiedReason,
} from "@narthex/backtest";
import { table } from "../../amtool/table.ts";

/** The largest number of notifications, and of alerts without notification, that the text report lists. */
const MAX_LISTED = 200;

/** Returns the notifications of a backtest as text for people. */
export function notificationsText({ sent, hidden, unnotified, hiddenAlerts }: ReplayedNotifications): string {
  const count = sent.length + hidden;
  const parts = [count === 0 ? "no notifications\n" : `${counted(count, "notification")}: ${perIntegration(sent)}\n`];
  const rows = sent.slice(0, MAX_LISTED).map(rowOf);
  if (rows.length > 0) parts.push(indentedTable([HEAD, ...rows]));
  if (count > rows.length) parts.push(`  and ${count - rows.length} more\n`);
  if (unnotified.length === 0) return parts.join("");
  parts.push(`${counted(unnotified.length + hiddenAlerts, "alert")} without notification:\n`);
  parts.push(indentedTable([UNNOTIFIED_HEAD, ...unnotified.slice(0, MAX_LISTED).map(unnotifiedRowOf)]));
  const left = unnotified.length + hiddenAlerts - MAX_LISTED;
  if (left > 0) parts.push(`  and ${left} more\n`);
  return parts.join("");
}

const HEAD = ["Time", "Receiver", "Group", "Reason", "Firing", "Resolved"];
const UNNOTIFIED_HEAD = ["Firing", "Ended", "Receiver", "Reason", "Labels"];

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const indentedTable = (rows: readonly (readonly string[])[]): string => table(rows).replaceAll(/^(?=.)/gm, "  ");

const targetOf = ({ receiver, integration }: ReplayedNotification): string => `${receiver}/${integration}`;

/** Returns the number of notifications of each integration, the largest number first. */
const perIntegration = (sent: readonly ReplayedNotification[]): string =>
  [...Map.groupBy(sent, targetOf)]
    .map(([target, list]) => ({ target, count: list.length }))
    .sort((a, b) => b.count - a.count)
    .map(({ target, count }) => `${target} ${count}`)
    .join(", ");

const rowOf = (notification: ReplayedNotification): readonly string[] => [
  timeText(notification.atMs),
  targetOf(notification),
  notification.groupLabels.toString(),
  notification.reason,
  String(notification.firing.length),
  String(notification.resolved.length),
];

/** Returns a notification as one line. */
export const notificationLine = (notification: ReplayedNotification): string => {
  const { firing, resolved, groupLabels } = notification;
  return `${timeText(notification.atMs)} ${targetOf(notification)} ${groupLabels.toString()}: ${firing.length} firing, ${resolved.length} resolved`;
};

const unnotifiedRowOf = (alert: UnnotifiedAlert): readonly string[] => [
  timeText(alert.firedAtMs),
  alert.endedAtMs === undefined ? "still firing" : timeText(alert.endedAtMs),
  alert.receiver ?? "none",
  alert.reasons.map((reason) => reasonText(reason, alert)).join("; "),
  alert.labels.toString(),
];

function reasonText({ cause, by }: UnnotifiedReason, { endedAtMs }: UnnotifiedAlert): string {
  const names = by.join(", ");
  switch (cause) {
    case "inhibition":
      return `inhibited by ${names}`;
    case "silence":
      return `silenced by ${names}`;
    case "mute_time_interval":
      return `muted by ${names}`;
    case "active_time_interval":
      return `not within ${names}`;
    case "no_integration":
      return "the receiver has no integration";
    case "relabeling":
      return "dropped by alert_relabel_configs";
    case "covered":
      return "the last notification already contained the alert";
    case "waiting":
      return endedAtMs === undefined ? "the group was not due yet" : "ended before the group was due";
  }
}
