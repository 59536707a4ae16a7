import { Table, Text, Title } from "@mantine/core";
import type { Frame } from "@narthex/dashboards";
import type { TabProps } from "./InspectDrawer.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

/** Returns the statistics that data sources send in the metadata of frames. */
function sourceStats(frames: readonly Frame[]): readonly { readonly name: string; readonly value: string }[] {
  return frames.flatMap(({ meta }) => {
    const stats: unknown = meta?.stats ?? meta?.custom?.["stats"];
    if (!Array.isArray(stats)) return [];
    return stats.flatMap((stat: unknown) => {
      if (typeof stat !== "object" || stat === null || !("displayName" in stat) || !("value" in stat)) return [];
      return [{ name: String(stat.displayName), value: String(stat.value) }];
    });
  });
}

export function StatsTab({ inspected: { queries, requestMs, frames, range }, panel }: TabProps) {
  const rows = frames.reduce((sum, { length }) => sum + length, 0);
  const values = frames.reduce((sum, { length, fields }) => sum + length * fields.length, 0);
  const stats: readonly (readonly [string, string])[] = [
    ["Total request time", `${Math.round(requestMs)} ms`],
    ["Number of queries", String(queries.length)],
    ["Number of frames", String(frames.length)],
    ["Total number rows", String(rows)],
    ["Total number values", String(values)],
    ["Range", `${Math.round((range.to - range.from) / 1000)} s`],
    ["Width that determines the step", `${panel.width} px`],
    ...queries.map(
      ({ refId, intervalMs, maxDataPoints }) =>
        [`Query ${refId}: interval, max data points`, `${intervalMs} ms, ${maxDataPoints}`] as const,
    ),
  ];
  const own = sourceStats(frames);
  return (
    <div className={css("queries")}>
      <Title order={3} size="h6" mb={6}>
        Stats
      </Title>
      <StatTable rows={stats} />
      {own.length > 0 && (
        <>
          <Title order={3} size="h6" mt="md" mb={6}>
            Data source stats
          </Title>
          <StatTable rows={own.map(({ name, value }) => [name, value] as const)} />
        </>
      )}
      {frames.length === 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          No query returned a frame.
        </Text>
      )}
    </div>
  );
}

function StatTable({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <Table maw={520}>
      <Table.Tbody>
        {rows.map(([name, value], at) => (
          <Table.Tr key={at}>
            <Table.Th scope="row" fw={500}>
              {name}
            </Table.Th>
            <Table.Td ta="right">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
