import { GoList, GoStruct, jsonString, toJson } from "@narthex/template";
import type { Attempt } from "../attempt.ts";
import type { Rendering } from "../templates/renderer.ts";

/**
 * Returns a renderer for a copy of the notification with at most `maxAlerts` alerts, and the number of omitted alerts.
 * 0 means all alerts.
 */
export function firstAlerts(
  { notification, render }: Attempt,
  maxAlerts: number,
): { render: Rendering; dropped: number } {
  const dropped = maxAlerts > 0 ? Math.max(0, notification.alerts.length - maxAlerts) : 0;
  if (dropped === 0) return { render, dropped };
  return { render: render.with({ ...notification, alerts: notification.alerts.slice(0, maxAlerts) }), dropped };
}

/**
 * Returns a notification as the JSON that Alertmanager sends to webhooks: the data of the templates, followed by more
 * members.
 * @param maxAlerts maximum number of alerts, or 0 for all
 * @param onlyFirst keeps only one alert in the list; everything else is unchanged
 */
export function webhookMessage(
  attempt: Attempt,
  { version, maxAlerts, onlyFirst = false }: { version: "1" | "4"; maxAlerts: number; onlyFirst?: boolean },
): string {
  const { render, dropped } = firstAlerts(attempt, maxAlerts);
  const data = onlyFirst ? withFirstAlert(render.data) : render.data;
  const tail = `"version":"${version}","groupKey":${jsonString(attempt.notification.groupKey)},"truncatedAlerts":${dropped}}`;
  return `${toJson(data).slice(0, -1)},${tail}\n`;
}

function withFirstAlert({ type, fields }: GoStruct): GoStruct {
  const alerts = fields["Alerts"] as GoList;
  return new GoStruct(type, { ...fields, Alerts: new GoList(alerts.type, alerts.items.slice(0, 1)) });
}
