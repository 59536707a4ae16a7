import { Text } from "@mantine/core";
import { useMemo } from "react";
import type {
  AlertOccurrence,
  BacktestNotification,
  BacktestReport,
  BacktestRule,
  UnnotifiedAlert,
} from "../../api/backtest.ts";
import { humanizeDuration } from "../../format/duration.ts";
import { formatInstant } from "../../format/instant.ts";
import { seriesName } from "../../format/series-name.ts";
import type { LabelSet } from "../../format/series-name.ts";
import { Card, CardTitle } from "../../shell/Card.tsx";
import { DataTable, type DataColumn } from "../../shell/DataTable.tsx";
import { Labels } from "../../shell/Labels.tsx";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";
import { useTimeZone } from "../../shell/time-zone.ts";
import { reasonText } from "./unnotified-reason.ts";

const ALERTNAME = ["alertname"];

/** Returns a column with a time. Times of the API are in order if they are compared as texts. */
export const timeColumn = <T,>(
  header: string,
  zone: string,
  timeOf: (item: T) => string | undefined,
  missing: string,
): DataColumn<T> => ({
  header,
  cell: (item) => {
    const text = timeOf(item);
    return text === undefined ? missing : formatInstant(Date.parse(text), zone);
  },
  sortKey: timeOf,
});

const labelsColumn = <T extends { readonly labels: LabelSet }>(header: string): DataColumn<T> => ({
  header,
  cell: ({ labels }) => <Labels labels={labels} hide={ALERTNAME} />,
  sortKey: ({ labels }) => seriesName(labels),
  width: "28%",
});

type Row = AlertOccurrence & { readonly rule: string };

const nameColumn: DataColumn<Row> = {
  header: "Rule",
  cell: ({ rule }) => <b className="wrap-anywhere">{rule}</b>,
  sortKey: ({ rule }) => rule,
};

const lengthColumn: DataColumn<Row> = {
  header: "Fired for",
  cell: ({ firingSeconds }) => (firingSeconds === undefined ? "" : humanizeDuration(firingSeconds * 1000)),
  sortKey: ({ firingSeconds }) => firingSeconds,
};

const occurrenceColumns = (zone: string): ReadonlyArray<DataColumn<Row>> => [
  nameColumn,
  labelsColumn<Row>("Labels"),
  timeColumn<Row>("Pending since", zone, ({ pendingAt }) => pendingAt, ""),
  timeColumn<Row>("Firing since", zone, ({ firingAt }) => firingAt, "did not fire"),
  timeColumn<Row>("Ended", zone, ({ endedAt }) => endedAt, "still active"),
  lengthColumn,
];

const indexKey = (_item: unknown, index: number): string => String(index);

/** Lists each occurrence of the alerts. */
export function OccurrenceTable({ rules }: Pick<BacktestReport, "rules">) {
  const zone = useTimeZone();
  const rows = useMemo(
    () => rules.flatMap(({ name, occurrences = [] }) => occurrences.map((one) => ({ ...one, rule: name }))),
    [rules],
  );
  const hidden = rules.reduce((sum, { hiddenOccurrences = 0 }) => sum + hiddenOccurrences, 0);
  const columns = useMemo(() => occurrenceColumns(zone), [zone]);
  if (rows.length === 0)
    return <EmptyMessage title="No alerts">No rule had a pending or firing alert in this time range.</EmptyMessage>;
  return (
    <Card component="section" aria-label="Alerts">
      <CardTitle>Alerts</CardTitle>
      <HiddenNote count={hidden} what="occurrences" />
      <DataTable aria-label="Occurrences" columns={columns} items={rows} keyOf={indexKey} stacked virtual />
    </Card>
  );
}

const ruleColumns: ReadonlyArray<DataColumn<BacktestRule>> = [
  {
    header: "Rule",
    cell: ({ name, group }) => (
      <span className="wrap-anywhere">
        <b>{name}</b>, {group}
      </span>
    ),
    sortKey: ({ name }) => name,
    width: "28%",
  },
  { header: "Evaluations", cell: ({ evaluations }) => evaluations, sortKey: ({ evaluations }) => evaluations },
  { header: "Fired", cell: ({ summary }) => summary?.fired ?? "", sortKey: ({ summary }) => summary?.fired },
  {
    header: "Label sets",
    cell: ({ summary }) => summary?.labelSets ?? "",
    sortKey: ({ summary }) => summary?.labelSets,
  },
  {
    header: "Longest",
    cell: ({ summary }) => (summary === undefined || summary.fired === 0 ? "" : humanizeDuration(summary.longestMs)),
    sortKey: ({ summary }) => summary?.longestMs,
  },
  { header: "Below 5 minutes", cell: ({ summary }) => summary?.short ?? "", sortKey: ({ summary }) => summary?.short },
  {
    header: "Pending only",
    cell: ({ summary }) => summary?.pendingOnly ?? "",
    sortKey: ({ summary }) => summary?.pendingOnly,
  },
];

/** Lists the numbers of each rule. */
export function RuleTable({ rules }: Pick<BacktestReport, "rules">) {
  return (
    <Card component="section" aria-label="Rules">
      <CardTitle>Rules</CardTitle>
      <DataTable aria-label="Numbers of rules" columns={ruleColumns} items={rules} keyOf={indexKey} stacked virtual />
    </Card>
  );
}

const listOf = (sets: readonly LabelSet[]): string => sets.map(seriesName).join("\n");

const alertsColumn = (header: "Firing" | "Resolved"): DataColumn<BacktestNotification> => {
  const setsOf = ({ firing, resolved }: BacktestNotification) => (header === "Firing" ? firing : resolved);
  return {
    header,
    cell: (item) => <span title={listOf(setsOf(item).slice(0, 20))}>{setsOf(item).length}</span>,
    sortKey: (item) => setsOf(item).length,
  };
};

/** Returns the columns of a table of notifications. */
export const notificationColumns = (zone: string): ReadonlyArray<DataColumn<BacktestNotification>> => [
  timeColumn("Time", zone, ({ at }) => at, ""),
  {
    header: "Receiver",
    cell: ({ receiver, integration }) => (
      <span className="wrap-anywhere">
        <b>{receiver}</b>, {integration}
      </span>
    ),
    sortKey: ({ receiver, integration }) => `${receiver} ${integration}`,
  },
  { header: "Group", cell: ({ groupLabels }) => <Labels labels={groupLabels} />, width: "28%" },
  alertsColumn("Firing"),
  alertsColumn("Resolved"),
  { header: "Reason", cell: ({ reason }) => reason, sortKey: ({ reason }) => reason },
];

/** Lists the notifications that the Alertmanager would have sent. */
export function NotificationTable({ notifications = [], hiddenNotifications = 0 }: BacktestReport) {
  const zone = useTimeZone();
  const columns = useMemo(() => notificationColumns(zone), [zone]);
  return (
    <Card component="section" aria-label="Notifications">
      <CardTitle>Notifications</CardTitle>
      <HiddenNote count={hiddenNotifications} what="notifications" />
      {notifications.length === 0 ? (
        <EmptyMessage title="No notifications">Nobody would have been notified in this time range.</EmptyMessage>
      ) : (
        <DataTable
          aria-label="Sent notifications"
          columns={columns}
          items={notifications}
          keyOf={indexKey}
          stacked
          virtual
        />
      )}
    </Card>
  );
}

const reasonsText = (alert: UnnotifiedAlert): string =>
  alert.reasons.map((reason) => reasonText(reason, alert)).join("; ");

const unnotifiedColumns = (zone: string): ReadonlyArray<DataColumn<UnnotifiedAlert>> => [
  {
    header: "Alert",
    cell: ({ labels }) => <b className="wrap-anywhere">{labels["alertname"]}</b>,
    sortKey: ({ labels }) => labels["alertname"],
  },
  labelsColumn("Labels"),
  timeColumn("Firing since", zone, ({ firingAt }) => firingAt, ""),
  timeColumn("Ended", zone, ({ endedAt }) => endedAt, "still firing"),
  {
    header: "Receiver",
    cell: ({ receiver }) => <span className="wrap-anywhere">{receiver ?? "none"}</span>,
    sortKey: ({ receiver }) => receiver,
  },
  {
    header: "Reason",
    cell: (alert) => <span className="wrap-anywhere">{reasonsText(alert)}</span>,
    sortKey: reasonsText,
  },
];

/** Lists the firing alerts of which a receiver would not have been notified, with the reasons. */
export function UnnotifiedTable({ notNotified = [], hiddenNotNotified = 0 }: BacktestReport) {
  const zone = useTimeZone();
  const columns = useMemo(() => unnotifiedColumns(zone), [zone]);
  if (notNotified.length === 0 && hiddenNotNotified === 0) return null;
  return (
    <Card component="section" aria-label="Alerts without notification">
      <CardTitle>Alerts without notification</CardTitle>
      <HiddenNote count={hiddenNotNotified} what="alerts" />
      <DataTable aria-label="Not notified" columns={columns} items={notNotified} keyOf={indexKey} stacked virtual />
    </Card>
  );
}

function HiddenNote({ count, what }: { count: number; what: string }) {
  if (count === 0) return null;
  return (
    <Text size="sm" c="dimmed" px={12} py={6}>
      The server left out {count} {what}. Choose a shorter range or fewer rules to see them.
    </Text>
  );
}
