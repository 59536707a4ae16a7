import { Badge, Group, Text } from "@mantine/core";
import { IconCheck, IconClock, IconX } from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";
import { integrationText } from "./integration-text.ts";
import type { NotificationRecord } from "../api/alertmanager.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { humanizeDuration } from "../format/duration.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Labels } from "../shell/Labels.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { CardItem } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./NotificationItem.module.css";

const css = classesOf(styles);

const looks: Readonly<Record<NotificationRecord["outcome"], { color: string; icon: Icon }>> = {
  sent: { color: "fennel", icon: IconCheck },
  failed: { color: "red", icon: IconX },
  interrupted: { color: "ember", icon: IconX },
  sending: { color: "gray", icon: IconClock },
};

function alertCounts({ alertCount, alerts }: NotificationRecord): string {
  const parts = [
    ...(alerts.firing.length > 0 ? [`${alerts.firing.length} firing`] : []),
    ...(alerts.resolved.length > 0 ? [`${alerts.resolved.length} resolved`] : []),
  ];
  const named = alerts.firing.length + alerts.resolved.length;
  return named === alertCount ? parts.join(", ") : `${alertCount} alerts`;
}

/** The attempts of a notification. A single successful attempt is not shown. */
function Attempts({ record }: { record: NotificationRecord }) {
  const zone = useTimeZone();
  if (record.attemptCount <= 1 && record.outcome === "sent") return null;
  const last = record.attempts.at(-1);
  if (last === undefined) return null;
  const unseen = record.attemptCount - record.attempts.length;
  return (
    <details className={css("attempts")}>
      <summary>
        {record.attemptCount} {record.attemptCount === 1 ? "attempt" : "attempts, the last"}:{" "}
        {last.reason ?? last.outcome}
      </summary>
      <ol start={unseen + 1}>
        {record.attempts.map(({ at, durationSeconds, outcome, reason }) => (
          <li key={at}>
            {formatInstantWithZone(parseApiTime(at) ?? 0, zone)}, {humanizeDuration(durationSeconds * 1000)}:{" "}
            {reason ?? outcome}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** One notification: its time, receiver and reason, and the result of each attempt. */
export function NotificationItem({ record }: { record: NotificationRecord }) {
  const zone = useTimeZone();
  const at = parseApiTime(record.at);
  const { color, icon: OutcomeIcon } = looks[record.outcome];
  return (
    <CardItem as="article">
      <Group gap="sm">
        <Badge variant="light" color={color} leftSection={<OutcomeIcon size={12} aria-hidden />}>
          {record.outcome}
        </Badge>
        <Text size="sm" fw={500}>
          {record.receiver.name} · {integrationText(record.integration)}
        </Text>
        <Text size="xs" c="dimmed" title={at === null ? "" : formatInstantWithZone(at, zone)}>
          <RelativeTime unixMs={at} />
        </Text>
        <Text size="xs" c="dimmed">
          {record.reason}: {alertCounts(record)}
        </Text>
      </Group>
      <Labels labels={record.groupLabels} />
      {record.error !== undefined && (
        <Text size="xs" c="red" className="wrap-anywhere">
          {record.error}
        </Text>
      )}
      <Attempts record={record} />
    </CardItem>
  );
}
