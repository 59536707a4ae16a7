import { Badge, Button, CloseButton, Code, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useDataSource } from "../../datasource/data-source-context.ts";
import { quoteLabelName, quoteString, seriesName } from "../../format/series-name.ts";
import { formatCount } from "../../format/si-number.ts";
import { Loaded } from "../../shell/Loaded.tsx";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";
import { nowMs } from "../../time/browser-clock.ts";
import { labelCardinality, selectorOf } from "./label-cardinality.ts";
import type { EqualMatcher, LabelValues } from "./label-cardinality.ts";
import { Pick, PickList } from "../PickList.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./LabelExplorer.module.css";

const css = classesOf(styles);

const seriesLimit = 20_000;
const lookbackSeconds = 3600;
const valuesShown = 12;

function LabelCard({ label, onPick }: { label: LabelValues; onPick: (matcher: EqualMatcher) => void }) {
  const [all, setAll] = useState(false);
  const shown = all ? label.values : label.values.slice(0, valuesShown);
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" mb={6} wrap="nowrap">
        <Text fw={600} size="sm" className="wrap-anywhere">
          {label.name}
        </Text>
        <Badge variant="light" color="gray">
          {formatCount(label.values.length)} {label.values.length === 1 ? "value" : "values"}
        </Badge>
      </Group>
      <PickList>
        {shown.map(([value, count]) => (
          <Pick key={value} className={css("value")} onClick={() => onPick({ name: label.name, value })}>
            <span className="wrap-anywhere">{value === "" ? "(empty)" : value}</span>
            <span className={css("count")}>{formatCount(count)}</span>
          </Pick>
        ))}
      </PickList>
      {shown.length < label.values.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show all
        </Button>
      )}
    </Paper>
  );
}

/** Shows the labels of one metric. A click on a value adds a matcher. A button inserts the selector into the editor. */
export function LabelExplorer({
  metric,
  onBack,
  onInsert,
}: {
  metric: string;
  onBack: () => void;
  onInsert: (text: string) => void;
}) {
  const source = useDataSource();
  const [matchers, setMatchers] = useState<readonly EqualMatcher[]>([]);
  const selector = selectorOf(metric, matchers);
  const series = useQuery({
    queryKey: ["explore", selector],
    queryFn: ({ signal }) => source.series(selector, Math.floor(nowMs() / 1000) - lookbackSeconds, seriesLimit, signal),
  });
  const labels = useMemo(() => labelCardinality(series.data?.data ?? []), [series.data]);
  const add = (matcher: EqualMatcher): void =>
    setMatchers([...matchers.filter((old) => old.name !== matcher.name), matcher]);

  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Button variant="subtle" leftSection={<IconArrowLeft size={16} />} onClick={onBack}>
          All metrics
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={() => void navigator.clipboard?.writeText(selector)}>
            Copy
          </Button>
          <Button onClick={() => onInsert(selector)}>Insert</Button>
        </Group>
      </Group>
      <Code block>{selector}</Code>
      <Group gap={6}>
        {matchers.map((matcher) => (
          <Badge
            key={matcher.name}
            variant="light"
            rightSection={
              <CloseButton
                size="xs"
                aria-label={`Remove matcher ${matcher.name}`}
                onClick={() => setMatchers(matchers.filter((old) => old !== matcher))}
              />
            }
          >
            {quoteLabelName(matcher.name)}={quoteString(matcher.value)}
          </Badge>
        ))}
      </Group>
      <Loaded result={series} label="Loading series">
        {(found) =>
          found.length === 0 ? (
            <EmptyMessage title="No series in the last hour" />
          ) : (
            <>
              <Text size="sm" c="dimmed">
                {found.length >= seriesLimit ? "At least " : ""}
                {formatCount(found.length)} series in the last hour, for example{" "}
                <Code>{seriesName(found[0] ?? {})}</Code>
              </Text>
              <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
                {labels.map((label) => (
                  <LabelCard key={label.name} label={label} onPick={add} />
                ))}
              </SimpleGrid>
            </>
          )
        }
      </Loaded>
    </Stack>
  );
}
