import { SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import type { NamedCount, TsdbStatus } from "../api/prometheus.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { formatBytes, formatCount } from "../format/si-number.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { SeriesAdmin } from "./SeriesAdmin.tsx";
import { Card, CardTitle } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./TsdbStatusPage.module.css";

const css = classesOf(styles);

/** Latest valid time, Unix milliseconds. The minimum and maximum time of an empty head are beyond this limit. */
const latestMs = 8.64e15;

function HeadStats({ stats, zone }: { stats: TsdbStatus["headStats"]; zone: string }) {
  const time = (unixMs: number): string =>
    Math.abs(unixMs) > latestMs ? "no samples yet" : formatInstantWithZone(Math.floor(unixMs / 1000) * 1000, zone);
  const entries: ReadonlyArray<readonly [string, string]> = [
    ["Series", formatCount(stats.numSeries)],
    ["Chunks", formatCount(stats.chunkCount)],
    ["Label pairs", formatCount(stats.numLabelPairs)],
    ["Oldest sample", time(stats.minTime)],
    ["Newest sample", time(stats.maxTime)],
  ];
  return (
    <div className={css("figures")}>
      {entries.map(([name, value]) => (
        <Card key={name} p="sm">
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Text fw={620}>{value}</Text>
        </Card>
      ))}
    </div>
  );
}

function TopTable({
  title,
  head,
  rows,
  unit,
}: {
  title: string;
  head: readonly [string, string];
  rows: readonly NamedCount[];
  unit?: "bytes";
}) {
  const top = rows.map((row) => row.value).reduce((a, b) => Math.max(a, b), 1);
  return (
    <Card>
      <CardTitle>{title}</CardTitle>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          Nothing stored yet.
        </Text>
      )}
      {rows.length > 0 && (
        <Table aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{head[0]}</Table.Th>
              <Table.Th ta="right">{head[1]}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.name}>
                <Table.Td className={`wrap-anywhere ${css("name")}`}>
                  <span className={css("share")} style={{ width: `${(100 * row.value) / top}%` }} />
                  <span>{row.name}</span>
                </Table.Td>
                <Table.Td ta="right" className={css("number")}>
                  {unit === "bytes" ? formatBytes(row.value) : formatCount(row.value)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

/** Shows statistics of the TSDB head, and which metrics and labels have the most series. */
export default function TsdbStatusPage() {
  const zone = useTimeZone();
  const result = useQuery({ queryKey: ["tsdb-status"], queryFn: ({ signal }) => prometheus.tsdbStatus(signal) });
  return (
    <>
      <PageHeader title="TSDB status" />
      <Loaded result={result} label="Loading the database's status">
        {(data) => (
          <Stack>
            <HeadStats stats={data.headStats} zone={zone} />
            <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
              <TopTable
                title="Top 10 label names with value count"
                head={["Label", "Values"]}
                rows={data.labelValueCountByLabelName}
              />
              <TopTable
                title="Top 10 series count by metric names"
                head={["Metric", "Series"]}
                rows={data.seriesCountByMetricName}
              />
              <TopTable
                title="Top 10 label names with high memory usage"
                head={["Label", "Memory"]}
                rows={data.memoryInBytesByLabelName}
                unit="bytes"
              />
              <TopTable
                title="Top 10 series count by label value pairs"
                head={["Pair", "Series"]}
                rows={data.seriesCountByLabelValuePair}
              />
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
      <SeriesAdmin />
    </>
  );
}
