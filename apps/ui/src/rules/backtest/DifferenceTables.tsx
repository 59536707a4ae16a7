import { Text } from "@mantine/core";
import { useMemo } from "react";
import type { BacktestDifferences, BacktestNotification, DifferentFiring } from "../../api/backtest.ts";
import { Card, CardTitle } from "../../shell/Card.tsx";
import { type DataColumn, DataTable } from "../../shell/DataTable.tsx";
import { useTimeZone } from "../../shell/time-zone.ts";
import { notificationColumns, timeColumn } from "./BacktestTables.tsx";

/** Which version of the rules has a firing or a notification. */
type Version = "only new" | "only old";

type Marked<T> = T & { readonly version: Version };

interface Lists<T> {
  readonly added: readonly T[];
  readonly lost: readonly T[];
}

const marked = <T,>({ added, lost }: Lists<T>): ReadonlyArray<Marked<T>> => [
  ...added.map((one) => ({ ...one, version: "only new" as const })),
  ...lost.map((one) => ({ ...one, version: "only old" as const })),
];

const versionColumn: DataColumn<{ readonly version: Version }> = {
  header: "Version",
  cell: ({ version }) => <b>{version}</b>,
  sortKey: ({ version }) => version,
};

const firingColumns = (zone: string): ReadonlyArray<DataColumn<Marked<DifferentFiring>>> => [
  versionColumn,
  {
    header: "Alert",
    cell: ({ labels }) => <span className="mono wrap-anywhere">{labels}</span>,
    sortKey: ({ labels }) => labels,
    width: "48%",
  },
  timeColumn("Firing since", zone, ({ firingAt }) => firingAt, ""),
  timeColumn("Ended", zone, ({ endedAt }) => endedAt, ""),
];

/** Lists the firings and notifications that only one of two versions of the rules has. */
export function DifferenceTables({ differences }: { differences: BacktestDifferences }) {
  const zone = useTimeZone();
  const firings = useMemo(() => marked(differences), [differences]);
  const sent = useMemo(() => differences.notifications && marked(differences.notifications), [differences]);
  const columns = useMemo(
    () => ({
      firings: firingColumns(zone),
      sent: [versionColumn, ...notificationColumns(zone)] as ReadonlyArray<DataColumn<Marked<BacktestNotification>>>,
    }),
    [zone],
  );
  return (
    <Card component="section" aria-label="Differences">
      <CardTitle>Differences between the versions</CardTitle>
      <Text size="sm" c="dimmed" px={12} py={6}>
        {summary("firings", differences)}
        {differences.notifications !== undefined && ` ${summary("notifications", differences.notifications)}`}
      </Text>
      {firings.length > 0 && (
        <DataTable
          aria-label="Different firings"
          columns={columns.firings}
          items={firings}
          keyOf={indexKey}
          stacked
          virtual
        />
      )}
      {sent !== undefined && sent.length > 0 && (
        <DataTable
          aria-label="Different notifications"
          columns={columns.sent}
          items={sent}
          keyOf={indexKey}
          stacked
          virtual
        />
      )}
    </Card>
  );
}

const indexKey = (_item: unknown, index: number): string => String(index);

const summary = (noun: string, { added, lost }: Lists<unknown>): string =>
  added.length + lost.length === 0
    ? `Both versions have the same ${noun}.`
    : `${added.length} ${noun} only in the new version, ${lost.length} only in the old version.`;
