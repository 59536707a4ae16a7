import { acknowledgementValue, type NotificationAlert } from "@narthex/notification";
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

interface MessageOptions {
  readonly version: "1" | "4";
  readonly maxAlerts: number;
  readonly onlyFirst?: boolean;
  readonly withAcknowledgements?: boolean;
}

/**
 * Returns a notification as the JSON that Alertmanager sends to webhooks: the data of the templates, followed by more
 * members.
 * @param maxAlerts maximum number of alerts, or 0 for all
 * @param onlyFirst keeps only one alert in the list; everything else is unchanged
 * @param withAcknowledgements adds the member `acknowledgement` to acknowledged alerts
 */
export function webhookMessage(
  attempt: Attempt,
  { version, maxAlerts, onlyFirst = false, withAcknowledgements = false }: MessageOptions,
): string {
  const { render, dropped } = firstAlerts(attempt, maxAlerts);
  const { alerts } = attempt.notification;
  const whole = withAcknowledgements ? acknowledged(render.data, alerts) : render.data;
  const data = onlyFirst ? withFirstAlert(whole) : whole;
  const tail = `"version":"${version}","groupKey":${jsonString(attempt.notification.groupKey)},"truncatedAlerts":${dropped}}`;
  return `${toJson(data).slice(0, -1)},${tail}\n`;
}

function withFirstAlert({ type, fields }: GoStruct): GoStruct {
  const alerts = fields["Alerts"] as GoList;
  return new GoStruct(type, { ...fields, Alerts: new GoList(alerts.type, alerts.items.slice(0, 1)) });
}

/** Returns the data with the acknowledgements. `alerts` has the same order as the alerts of the data. */
function acknowledged({ type, fields }: GoStruct, alerts: readonly NotificationAlert[]): GoStruct {
  const list = fields["Alerts"] as GoList;
  const items = (list.items as readonly GoStruct[]).map((item, i) => {
    const acknowledgement = alerts[i]?.acknowledgement;
    if (acknowledgement === undefined) return item;
    const jsonNames = { ...item.type.jsonNames, Acknowledgement: "acknowledgement" };
    const added = { ...item.fields, Acknowledgement: acknowledgementValue(acknowledgement) };
    return new GoStruct({ ...item.type, jsonNames }, added);
  });
  return new GoStruct(type, { ...fields, Alerts: new GoList(list.type, items) });
}
