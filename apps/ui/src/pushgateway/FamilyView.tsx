import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Badge, Group, Text } from "@mantine/core";
import type { PushedFamily, PushedMetric } from "../api/pushgateway.ts";
import { formatInstantWithZone } from "../format/instant.ts";
import { Collapsible } from "../shell/Collapsible.tsx";
import { Labels } from "../shell/Labels.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { familyPushedMs } from "./pushed-group.ts";
import { type DataColumn, DataTable } from "../shell/DataTable.tsx";
import { StatsTable } from "../shell/StatsTable.tsx";

const nativeBrackets = ["(]", "[)", "()", "[]"];

function bucketRows(buckets: NonNullable<PushedMetric["buckets"]>): Array<[string, string]> {
  if (Array.isArray(buckets)) {
    return (buckets as ReadonlyArray<readonly (string | number)[]>).map(([rule, low, high, count]) => {
      const pair = nativeBrackets[Number(rule)] ?? "[]";
      return [`Sample values in ${pair[0]}${low}, ${high}${pair[1]}`, String(count)];
    });
  }
  return Object.entries(buckets as Readonly<Record<string, string>>)
    .sort(([left], [right]) => bound(left) - bound(right))
    .map(([limit, count]) => [`Sample values ≤ ${limit}`, count]);
}

function bound(text: string): number {
  return text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text);
}

function parts(metric: PushedMetric): Array<[string, string]> {
  const rows: Array<[string, string]> = [];
  for (const [quantile, value] of Object.entries(metric.quantiles ?? {})) rows.push([`Quantile ${quantile}`, value]);
  if (metric.buckets !== undefined) for (const item of bucketRows(metric.buckets)) rows.push(item);
  if (metric.count !== undefined) rows.push(["Total sample count", metric.count]);
  if (metric.sum !== undefined) rows.push(["Sample sum", metric.sum]);
  return rows;
}

function Value({ metric }: { metric: PushedMetric }) {
  if (metric.value !== undefined) return <span className="mono">{metric.value}</span>;
  return (
    <StatsTable
      rows={parts(metric).map(([name, value]) => [
        name,
        <span key={name} className="mono">
          {value}
        </span>,
      ])}
    />
  );
}

const columns: ReadonlyArray<DataColumn<PushedMetric>> = [
  { header: "Labels", cell: ({ labels }) => <Labels labels={labels} /> },
  { header: "Value", cell: (metric) => <Value metric={metric} />, width: "40%" },
];

/** Shows a metric family in a group of pushed metrics: type, help text, time of the last push, labels and values. */
export function FamilyView({
  name,
  family,
  open,
  onToggle,
}: {
  name: string;
  family: PushedFamily;
  open: boolean;
  onToggle: () => void;
}) {
  const zone = useTimeZone();
  const pushed = familyPushedMs(family);
  return (
    <Collapsible
      title={<span className="mono">{name}</span>}
      summary={
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            pushed <RelativeTime unixMs={pushed} />
          </Text>
          <Badge variant="light" color="gray">
            {family.type.toLowerCase()}
          </Badge>
        </Group>
      }
      open={open}
      onToggle={onToggle}
    >
      <Text size="sm" px="sm" pt="xs">
        {family.help ?? "No help was pushed."}
        {pushed !== null && (
          <Text component="span" size="xs" c="dimmed">
            {" "}
            Last pushed {formatInstantWithZone(Math.floor(pushed / 1000) * 1000, zone)}.
          </Text>
        )}
      </Text>
      <DataTable
        columns={columns}
        items={family.metrics}
        keyOf={(_, index) => String(index)}
        stacked
        virtual
        aria-label={`Metrics named ${name}`}
      />
    </Collapsible>
  );
}
