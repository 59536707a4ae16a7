import { Alert, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { narthex } from "../api/narthex.ts";
import type { MetricUsage, UnusedMetric } from "../api/narthex.ts";
import { ApiError } from "../api/request.ts";
import { formatCount } from "../format/si-number.ts";
import { Card, CardTitle } from "../shell/Card.tsx";
import { JobDashboardLink } from "../shell/JobDashboardLink.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { DataTable } from "../shell/DataTable.tsx";
import type { DataColumn } from "../shell/DataTable.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { YamlView } from "../shell/YamlView.tsx";

/** Number of days for which metric usage is reported, the default of the endpoint. */
const days = 30;

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <Card p="sm">
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text fw={620}>{value}</Text>
    </Card>
  );
}

const columns: ReadonlyArray<DataColumn<UnusedMetric>> = [
  {
    header: "Metric",
    cell: ({ metric }) => <span className="wrap-anywhere mono">{metric}</span>,
    sortKey: ({ metric }) => metric,
    width: "40%",
  },
  {
    header: "Job",
    cell: ({ job, metric }) => (
      <>
        {job}
        <JobDashboardLink job={job} metric={metric} />
      </>
    ),
    sortKey: ({ job }) => job,
    className: "wrap-anywhere",
  },
  { header: "Series", cell: ({ series }) => formatCount(series), sortKey: ({ series }) => series },
  { header: "Samples", cell: ({ samples }) => formatCount(samples), sortKey: ({ samples }) => samples },
  {
    header: "Share of samples",
    cell: ({ samplesShare }) => percent(samplesShare),
    sortKey: ({ samplesShare }) => samplesShare,
  },
  {
    header: "Made by",
    cell: ({ recorded }) => (recorded ? "a rule" : "a scrape"),
    sortKey: ({ recorded }) => +recorded,
  },
];

function Usage({ usage }: { usage: MetricUsage }) {
  const { stored, unused, metrics, dropRules, sources } = usage;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        <Figure name="Unused metrics" value={`${formatCount(unused.metrics)} of ${formatCount(stored.metrics)}`} />
        <Figure name="Their series" value={`${formatCount(unused.series)} · ${percent(unused.seriesShare)}`} />
        <Figure name="Their samples" value={`${formatCount(unused.samples)} · ${percent(unused.samplesShare)}`} />
        <Figure
          name="Looked at"
          value={`${formatCount(sources.queries)} references of queries, ${formatCount(sources.rules)} rules, ${formatCount(sources.dashboards)} dashboards`}
        />
      </SimpleGrid>
      {metrics.length === 0 ? (
        <EmptyMessage title="Every stored metric is used" />
      ) : (
        <Card>
          <CardTitle>Unused metrics</CardTitle>
          <DataTable
            aria-label="Unused metrics"
            columns={columns}
            items={metrics}
            keyOf={({ metric, job }) => `${job}\n${metric}`}
            stacked
            virtual
          />
        </Card>
      )}
      {dropRules !== "" && (
        <Card>
          <CardTitle>Rules that drop them</CardTitle>
          <YamlView yaml={dropRules} />
        </Card>
      )}
    </Stack>
  );
}

/** Shows unused stored metrics, and relabeling rules for dropping them. Queries, rules and dashboards count as use. */
export default function MetricUsagePage() {
  const result = useQuery({
    queryKey: ["metric-usage"],
    queryFn: ({ signal }) => narthex.metricUsage(days, signal),
    retry: false,
  });
  const isOff = result.error instanceof ApiError && result.error.type === "unavailable";
  return (
    <>
      <PageHeader title="Metric usage">in the last {days} days</PageHeader>
      {isOff ? (
        <EmptyMessage title="Uses of metrics are not recorded">
          Start the server with <code>--query.record-usage</code>, and name folders of dashboards with{" "}
          <code>--query.usage-dashboards</code>. Earlier queries are not known.
        </EmptyMessage>
      ) : (
        <>
          {(result.data?.warnings ?? []).length > 0 && (
            <Alert
              color="yellow"
              variant="light"
              mb="md"
              icon={<IconInfoCircle size={18} />}
              title="Limits of this report"
            >
              {result.data?.warnings.map((text) => (
                <Text size="sm" key={text} className="wrap-anywhere">
                  {text}
                </Text>
              ))}
            </Alert>
          )}
          <Loaded result={result} label="Counting stored metrics">
            {(usage) => <Usage usage={usage} />}
          </Loaded>
        </>
      )}
    </>
  );
}
