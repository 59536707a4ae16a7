import { Badge, Stack, Table, Text } from "@mantine/core";
import type { InstantSeries } from "../../api/query-result.ts";
import { Labels } from "../../shell/Labels.tsx";
import { VirtualList } from "../../shell/VirtualList.tsx";
import { countMatches, remainingLabels } from "./vector-matching.ts";
import type { MatchGroup } from "./vector-matching.ts";
import { StackTable } from "../../shell/StackTable.tsx";
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

function GroupRow({ group, operator }: { group: MatchGroup; operator: string }) {
  const { text, color } = stateWords[group.state];
  return (
    <Table.Tr>
      <Table.Td data-label="Matching labels">
        {Object.keys(group.labels).length === 0 ? (
          <Text span size="xs" c="dimmed">
            no labels
          </Text>
        ) : (
          <Labels labels={group.labels} />
        )}{" "}
        <Badge size="sm" variant="light" color={color}>
          {text}
        </Badge>
      </Table.Td>
      <Table.Td data-label="Left side">
        <Members series={group.left} group={group} />
      </Table.Td>
      <Table.Td data-label={`${operator} right side`}>
        <Members series={group.right} group={group} />
      </Table.Td>
      <Table.Td data-label="Result">
        <Members series={group.result} group={group} />
      </Table.Td>
    </Table.Tr>
  );
}

/** Shows which series of the two sides of a binary operation match, and the result of each group. */
export function MatchingTable({ groups, operator }: { groups: readonly MatchGroup[]; operator: string }) {
  return (
    <Stack gap={6}>
      <Text size="xs" c="dimmed">
        Groups of series with the same matching labels: {countMatches(groups)}.
      </Text>
      <ScrollBox label="Matching of both sides">
        <StackTable className={css("table")} aria-label="Matching of both sides">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Matching labels</Table.Th>
              <Table.Th>Left side</Table.Th>
              <Table.Th>
                <code>{operator}</code> right side
              </Table.Th>
              <Table.Th>Result</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <VirtualList
              items={groups}
              keyOf={({ labels }) => JSON.stringify(labels)}
              render={(group) => <GroupRow group={group} operator={operator} />}
              rows="in body"
              scroller="element"
            />
          </Table.Tbody>
        </StackTable>
      </ScrollBox>
    </Stack>
  );
}
