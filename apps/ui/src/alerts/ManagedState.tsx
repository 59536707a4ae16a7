import { Group, Text } from "@mantine/core";
import { use } from "react";
import type { ManagedAlert, NotificationRecord } from "../api/alertmanager.ts";
import type { Alert } from "../api/rule-data.ts";
import { AcknowledgementNote } from "../alertmanager/AcknowledgementNote.tsx";
import { AlertActions, AlertBadges } from "../alertmanager/AlertActions.tsx";
import { integrationText } from "../alertmanager/integration-text.ts";
import { parseApiTime } from "../format/instant.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { type ManagedAlerts, ManagedAlertsContext } from "./use-managed-alerts.ts";

const words: Readonly<Record<NotificationRecord["outcome"], string>> = {
  sent: "notified",
  failed: "could not be notified",
  interrupted: "may not have been notified",
  sending: "is being notified, started",
};

function Notified({ record }: { record: NotificationRecord }) {
  const { outcome, receiver, integration, at, attempts } = record;
  const error = outcome === "sent" ? undefined : (record.error ?? attempts.at(-1)?.reason);
  return (
    <Text size="xs" c={error === undefined ? "dimmed" : "red"} className="wrap-anywhere">
      {receiver.name} ({integrationText(integration)}) {words[outcome]} <RelativeTime unixMs={parseApiTime(at)} />
      {error !== undefined && `: ${error}`}
    </Text>
  );
}

/** Shows the notifications of an alert, or why they are missing. */
function Notifications({ alert, managed }: { alert: ManagedAlert; managed: ManagedAlerts }) {
  const { receivers, status, fingerprint, startsAt } = alert;
  // Earlier notifications belong to earlier firings of the same alert.
  const start = parseApiTime(startsAt) ?? 0;
  const records = (managed.notificationsOf?.(fingerprint) ?? []).filter(({ at }) => (parseApiTime(at) ?? 0) >= start);
  const silent = receivers.filter(({ name }) => managed.silent.has(name)).map(({ name }) => name);
  const isUnnotified = records.length === 0 && managed.notificationsOf !== undefined && status.state === "active";
  return (
    <>
      {records.map((record) => (
        <Notified key={record.id} record={record} />
      ))}
      {silent.length > 0 && (
        <Text size="xs" c="red" className="wrap-anywhere">
          {silent.join(", ")} notifies nobody: the receiver has no integrations.
        </Text>
      )}
      {isUnnotified && silent.length < receivers.length && (
        <Text size="xs" c="dimmed">
          {managed.hasAllNotifications
            ? "Nobody has been notified yet."
            : "The latest notifications do not contain this alert. “Why?” knows earlier ones."}
        </Text>
      )}
    </>
  );
}

/** Shows the state of an alert in the Alertmanager: silences, notifications, and controls that silence the alert. */
export function ManagedState({ alert }: { alert: Alert }) {
  const managed = use(ManagedAlertsContext);
  if (managed === null || alert.state !== "firing") return null;
  const found = managed.find(alert);
  if (found === undefined) {
    // Without the sent labels, the alert may have other labels in the Alertmanager.
    if (alert.sentLabels === undefined) return null;
    return (
      <Text size="xs" c="dimmed">
        The Alertmanager's list does not contain this alert.
      </Text>
    );
  }
  return (
    <>
      <Group gap="sm">
        <AlertBadges alert={found} />
        <AlertActions alert={found} isNarthex={managed.notificationsOf !== undefined} />
      </Group>
      <AcknowledgementNote alert={found} />
      <Notifications alert={found} managed={managed} />
    </>
  );
}
