import { Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Objective } from "../api/narthex.ts";
import { prometheus } from "../api/prometheus.ts";
import { Graph } from "../query/graph/Graph.tsx";
import { plotData } from "../query/graph/plot-data.ts";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { nowMs } from "../time/browser-clock.ts";
import { budgetQuery } from "./objective-figures.ts";

/** Number of steps of the graph. */
const STEPS = 240;
const NONE: ReadonlySet<string> = new Set();
const HOUR = 3600;

const ranges = [
  { value: String(6 * HOUR), label: "6h" },
  { value: String(24 * HOUR), label: "1d" },
  { value: String(7 * 24 * HOUR), label: "1w" },
  { value: String(30 * 24 * HOUR), label: "30d" },
];

/** The course of an objective's budget, a line for each of its series. */
export function BudgetHistory({ objective }: { objective: Objective }) {
  const [range, setRange] = useState(String(24 * HOUR));
  const seconds = Number(range);
  const query = budgetQuery(objective);
  const result = useQuery({
    queryKey: ["objective-history", objective.id, query, seconds],
    queryFn: async ({ signal }) => {
      const step = seconds / STEPS;
      const end = Math.floor(nowMs() / 1000);
      const grid = { start: end - seconds, end, step };
      const answer = await prometheus.queryRange(query, grid, signal);
      return plotData(answer.data.result, grid);
    },
  });
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          Budget left (1 is all of it)
        </Text>
        <SegmentedControl size="xs" aria-label="Time range" value={range} onChange={setRange} data={ranges} />
      </Group>
      {result.isError && <ErrorMessage error={result.error} title="Error reading the history" />}
      {result.isPending && <LoadingMessage label="Reading the history" />}
      {result.data !== undefined &&
        (result.data.lines.length === 0 ? (
          <EmptyMessage title="No history in this time range" />
        ) : (
          <Graph
            data={result.data}
            stacked={false}
            yAxisMin={null}
            hidden={NONE}
            exemplars={[]}
            height={220}
            onZoom={() => undefined}
          />
        ))}
    </Stack>
  );
}
