import { Badge, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { narthex } from "../api/narthex.ts";
import type { AlertQuality, RuleQuality } from "../api/narthex.ts";
import { humanizeDuration } from "../format/duration.ts";
import { Card } from "../shell/Card.tsx";
import { DataTable } from "../shell/DataTable.tsx";
import type { DataColumn } from "../shell/DataTable.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { useUrlText } from "../shell/url-state.ts";

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const VERDICT_COLORS: Readonly<Record<string, string>> = { "never fired": "gray", "always firing": "red" };

const columns: ReadonlyArray<DataColumn<RuleQuality>> = [
  {
    header: "Rule",
    cell: ({ name, group, file }) => (
      <>
        <Text size="sm" fw={600} className="wrap-anywhere">
          {name}
        </Text>
        <Text size="xs" c="dimmed" className="wrap-anywhere">
          {group}, {file}
        </Text>
      </>
    ),
    sortKey: ({ name }) => name,
    width: "28%",
  },
  {
    header: "Look at",
    cell: ({ verdicts }) => (
      <Group gap={4}>
        {verdicts.map((verdict) => (
          <Badge key={verdict} color={VERDICT_COLORS[verdict] ?? "orange"} variant="light" miw="max-content">
            {verdict}
          </Badge>
        ))}
      </Group>
    ),
    sortKey: ({ verdicts }) => verdicts.join(),
  },
  {
    header: "Firings a week",
    cell: ({ firingsPerWeek, firings }) => <span title={`${firings} firings`}>{firingsPerWeek.toFixed(1)}</span>,
    sortKey: ({ firingsPerWeek }) => firingsPerWeek,
  },
  { header: "Alerts", cell: ({ labelSets }) => labelSets, sortKey: ({ labelSets }) => labelSets },
  {
    header: "Below 5 minutes",
    cell: ({ firings, shortShare }) => (firings === 0 ? "" : percent(shortShare)),
    sortKey: ({ shortShare }) => shortShare,
  },
  { header: "Flaps", cell: ({ flaps }) => flaps, sortKey: ({ flaps }) => flaps },
  {
    header: "Median",
    cell: ({ firings, medianMs }) => (firings === 0 ? "" : humanizeDuration(medianMs)),
    sortKey: ({ medianMs }) => medianMs,
  },
  { header: "Time firing", cell: ({ firingShare }) => percent(firingShare), sortKey: ({ firingShare }) => firingShare },
  {
    header: "Last",
    cell: ({ lastMs }) => (lastMs === undefined ? "" : <RelativeTime unixMs={lastMs} />),
    sortKey: ({ lastMs }) => lastMs,
  },
];

/** Returns a column with a share of the firings in the history of an Alertmanager. */
const handlingColumn = (header: string, name: "silenced" | "acknowledged"): DataColumn<RuleQuality> => ({
  header,
  cell: ({ handling }) =>
    handling === undefined || handling.firings === 0 ? (
      ""
    ) : (
      <span title={`${handling[name]} of ${handling.firings} firings with this name in the Alertmanager's history`}>
        {percent(handling[name] / handling.firings)}
      </span>
    ),
  sortKey: ({ handling }) => handling && handling[name] / Math.max(1, handling.firings),
});

/** The columns if an Alertmanager knows what happened to firings. */
const columnsWithHandling = [
  ...columns.slice(0, -1),
  handlingColumn("Silenced", "silenced"),
  handlingColumn("Acknowledged", "acknowledged"),
  ...columns.slice(-1),
];

function Rules({ quality }: { quality: AlertQuality }) {
  const { rules, unknownFirings, omittedFirings, from } = quality;
  const ordered = useMemo(() => rules.toSorted((a, b) => b.firings - a.firings), [rules]);
  if (rules.length === 0) return <EmptyMessage title="No alerting rules">The configuration has none.</EmptyMessage>;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        From stored samples since {from.slice(0, 16).replace("T", " ")} UTC.
        {unknownFirings > 0 && ` ${unknownFirings} firings belong to alerts without a rule.`}
        {omittedFirings > 0 && ` ${omittedFirings} firings are beyond the limit, and are not counted.`}
      </Text>
      <Card>
        <DataTable
          aria-label="Alert quality"
          columns={rules.some(({ handling }) => handling !== undefined) ? columnsWithHandling : columns}
          items={ordered}
          keyOf={({ file, group, name }, index) => JSON.stringify([file, group, name, index])}
          stacked
          virtual
        />
      </Card>
    </Stack>
  );
}

const RANGES = ["7", "30", "90"];

/** Shows how often and how long the alerts of each rule have fired, and which rules deserve a look. */
export default function AlertQualityPage() {
  const [text, setText] = useUrlText("days");
  const days = RANGES.includes(text) ? text : "30";
  const result = useQuery({
    queryKey: ["alert-quality", days],
    queryFn: ({ signal }) => narthex.alertQuality(Number(days), signal),
    retry: false,
  });
  return (
    <>
      <PageHeader
        title="Alert quality"
        toolbar={
          <SegmentedControl
            aria-label="Range"
            value={days}
            onChange={setText}
            data={RANGES.map((value) => ({ value, label: `${value} days` }))}
          />
        }
      />
      <Loaded result={result} label="Reading past alerts">
        {(quality) => <Rules quality={quality} />}
      </Loaded>
    </>
  );
}
