import { ActionIcon, Badge, Group, Modal, Stack, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCodePlus, IconCopy, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { MetricMetadata } from "../../api/prometheus.ts";
import { useDataSource } from "../../datasource/data-source-context.ts";
import { metricNamesQuery } from "../../datasource/metric-names-query.ts";
import { quoteString, seriesName } from "../../format/series-name.ts";
import { VirtualList } from "../../shell/VirtualList.tsx";
import { Loaded } from "../../shell/Loaded.tsx";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";
import { fuzzyFilter } from "./fuzzy.ts";
import type { FuzzyMatch } from "./fuzzy.ts";
import { LabelExplorer } from "./LabelExplorer.tsx";
import { TextButton } from "../../shell/TextButton.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./MetricsExplorer.module.css";

const css = classesOf(styles);

/** Returns a metric's metadata. Series such as `x_bucket` get the metadata of their histogram or summary. */
function metadataFor(
  all: Readonly<Record<string, readonly MetricMetadata[]>>,
  metric: string,
): MetricMetadata | undefined {
  const family = metric.replace(/_(?:bucket|count|sum|total)$/, "");
  return (all[metric] ?? all[family])?.[0];
}

function Highlighted({ match }: { match: FuzzyMatch }) {
  const marked = new Set(match.positions);
  return <>{Array.from(match.text, (letter, index) => (marked.has(index) ? <b key={index}>{letter}</b> : letter))}</>;
}

function MetricRow({
  match,
  metadata,
  onExplore,
  onInsert,
}: {
  match: FuzzyMatch;
  metadata: MetricMetadata | undefined;
  onExplore: () => void;
  onInsert: (text: string) => void;
}) {
  const selector = seriesName({ __name__: match.text });
  return (
    <Table.Tr>
      <Table.Td>
        <TextButton className={css("name")} onClick={onExplore} title={`Explore ${quoteString(match.text)}`}>
          <Highlighted match={match} />
        </TextButton>
        <Text size="xs" c="dimmed" hiddenFrom="xs">
          {metadata?.help}
        </Text>
      </Table.Td>
      <Table.Td>
        {metadata !== undefined && (
          <Badge variant="light" color="gray" miw="max-content">
            {metadata.type}
          </Badge>
        )}
      </Table.Td>
      <Table.Td visibleFrom="xs">
        <Text size="xs" c="dimmed">
          {metadata?.help}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap={2} wrap="nowrap">
          <Tooltip label="Insert into the expression">
            <ActionIcon variant="subtle" aria-label={`Insert ${match.text}`} onClick={() => onInsert(selector)}>
              <IconCodePlus size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Copy">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Copy ${match.text}`}
              onClick={() => void navigator.clipboard?.writeText(selector)}
            >
              <IconCopy size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** Lists all metrics with type and help text, with a fuzzy search. A click on a metric shows its labels. */
export default function MetricsExplorer({
  onClose,
  onInsert,
}: {
  onClose: () => void;
  onInsert: (text: string) => void;
}) {
  const source = useDataSource();
  const [search, setSearch] = useState("");
  const [pattern] = useDebouncedValue(search, 150);
  const [explored, setExplored] = useState<string | null>(null);
  const names = useQuery(metricNamesQuery(source));
  const metadata = useQuery({
    queryKey: ["metadata", source.id],
    queryFn: ({ signal }) => source.metadata(signal),
    staleTime: 60_000,
  });
  const matches = useMemo(() => fuzzyFilter(pattern, names.data?.data ?? []), [pattern, names.data]);
  const title = explored === null ? "Explore metrics" : `Explore ${explored}`;

  return (
    <Modal opened onClose={onClose} title={title} size="80rem">
      {explored !== null && <LabelExplorer metric={explored} onBack={() => setExplored(null)} onInsert={onInsert} />}
      {explored === null && (
        <Stack gap="sm">
          <TextInput
            data-autofocus
            aria-label="Search metrics"
            placeholder="A few letters of the name"
            leftSection={<IconSearch size={16} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Loaded result={names} label="Loading metric names">
            {(all) =>
              matches.length === 0 ? (
                <EmptyMessage title={all.length === 0 ? "No metrics stored yet" : "No metric matches"} />
              ) : (
                <Table highlightOnHover aria-label="Metrics">
                  <Table.Tbody>
                    <VirtualList
                      key={pattern}
                      items={matches}
                      keyOf={(match) => match.text}
                      render={(match) => (
                        <MetricRow
                          match={match}
                          metadata={metadataFor(metadata.data?.data ?? {}, match.text)}
                          onExplore={() => setExplored(match.text)}
                          onInsert={onInsert}
                        />
                      )}
                      rows="in body"
                      scroller="element"
                    />
                  </Table.Tbody>
                </Table>
              )
            }
          </Loaded>
        </Stack>
      )}
    </Modal>
  );
}
