import type { ManagedAlert, NotificationRecord } from "../api/alertmanager.ts";
import type { Alert } from "../api/rule-data.ts";
import { seriesKey } from "../format/series-name.ts";

/**
 * Maximum number of alerts with the same name that are compared with an alert of a server that does not report the sent
 * labels.
 */
const MAX_COMPARED = 500;

export type FindManaged = (alert: Alert) => ManagedAlert | undefined;

/**
 * Returns a function that finds an alert of the server in the list of an Alertmanager, by the labels with which the
 * server sends it. If the server does not report these labels, an alert is found if it is the only one that has all
 * labels.
 */
export function managedFinder(managed: readonly ManagedAlert[]): FindManaged {
  const byLabels = new Map(managed.map((one) => [seriesKey(one.labels), one]));
  const byName = Map.groupBy(managed, ({ labels }) => labels["alertname"] ?? "");
  return ({ labels, sentLabels }) => {
    for (const sent of sentLabels ?? [labels]) {
      const found = byLabels.get(seriesKey(sent));
      if (found !== undefined) return found;
    }
    const named = byName.get(labels["alertname"] ?? "") ?? [];
    if (sentLabels !== undefined || named.length > MAX_COMPARED) return undefined;
    const own = Object.entries(labels);
    const alike = named.filter((one) => own.every(([name, value]) => one.labels[name] === value));
    return alike.length === 1 ? alike[0] : undefined;
  };
}

/** Returns a function that finds the latest notification of an alert through each integration, by the fingerprint. */
export function notificationFinder(
  latestFirst: readonly NotificationRecord[],
): (fingerprint: string) => readonly NotificationRecord[] {
  const found = new Map<string, Map<string, NotificationRecord>>();
  for (const record of latestFirst) {
    const through = JSON.stringify([record.receiver.name, record.integration.name, record.integration.index]);
    for (const fingerprint of record.alerts.firing) {
      const known = found.get(fingerprint) ?? new Map<string, NotificationRecord>();
      if (!known.has(through)) known.set(through, record);
      found.set(fingerprint, known);
    }
  }
  return (fingerprint) => [...(found.get(fingerprint)?.values() ?? [])];
}
