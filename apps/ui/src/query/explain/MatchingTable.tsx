import { Badge, Stack, Text } from "@mantine/core";
import type { InstantSeries } from "../../api/query-result.ts";
import { Labels } from "../../shell/Labels.tsx";
import { type DataColumn, DataTable } from "../../shell/DataTable.tsx";
import { countMatches, remainingLabels } from "./vector-matching.ts";
import type { MatchGroup } from "./vector-matching.ts";
import { ScrollBox } from "./ScrollBox.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./MatchingTable.module.css";

const css = classesOf(styles);

const shownSeries = 10;

const stateWords: Readonly<Record<MatchGroup["state"], { text: string; color: string }>> = {
  ambiguous: { text: "too many series", color: "red" },
  matched: { text: "matched", color: "fennel" },
  "only left": { text: "only left", color: "gray" },
  "only right": { text: "only right", color: "gray" },
};

const valueOf = (series: InstantSeries): string =>
  series.value?.[1] ?? `histogram, count ${series.histogram?.[1].count ?? "0"}`;

function Members({ series, group }: { series: readonly InstantSeries[]; group: MatchGroup }) {
  if (series.length === 0) {
    return (
      <Text span size="xs" c="dimmed">
        none
      </Text>
    );
  }
  return (
    <>
      {series.slice(0, shownSeries).map((one, index) => (
        <div key={index} className={css("member")}>
          <Labels labels={remainingLabels(one, group)} />
          <b>{valueOf(one)}</b>
        </div>
      ))}
      {series.length > shownSeries && (
        <Text size="xs" c="dimmed">
          and {series.length - shownSeries} more
        </Text>
      )}
    </>
  );
}

function MatchingLabels({ group: { labels, state } }: { group: MatchGroup }) {
  const { text, color } = stateWords[state];
  return (
    <>
      {Object.keys(labels).length === 0 ? (
        <Text span size="xs" c="dimmed">
          no labels
        </Text>
      ) : (
        <Labels labels={labels} />
      )}{" "}
      <Badge size="sm" variant="light" color={color}>
        {text}
      </Badge>
    </>
  );
}

const columnsFor = (operator: string): ReadonlyArray<DataColumn<MatchGroup>> => [
  { header: "Matching labels", cell: (group) => <MatchingLabels group={group} /> },
  { header: "Left side", cell: (group) => <Members series={group.left} group={group} /> },
  {
    header: `${operator} right side`,
    head: (
      <>
        <code>{operator}</code> right side
      </>
    ),
    cell: (group) => <Members series={group.right} group={group} />,
  },
  { header: "Result", cell: (group) => <Members series={group.result} group={group} /> },
];

/** Shows which series of the two sides of a binary operation match, and the result of each group. */
export function MatchingTable({ groups, operator }: { groups: readonly MatchGroup[]; operator: string }) {
  return (
    <Stack gap={6}>
      <Text size="xs" c="dimmed">
        Groups of series with the same matching labels: {countMatches(groups)}.
      </Text>
      <ScrollBox label="Matching of both sides">
        <DataTable
          columns={columnsFor(operator)}
          items={groups}
          keyOf={({ labels }) => JSON.stringify(labels)}
          stacked
          virtual
          scroller="element"
          className={css("table")}
          aria-label="Matching of both sides"
        />
      </ScrollBox>
    </Stack>
  );
}
