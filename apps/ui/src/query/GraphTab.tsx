import {
  ActionIcon,
  Box,
  Group,
  LoadingOverlay,
  NumberInput,
  Popover,
  SegmentedControl,
  Stack,
  Switch,
  Tooltip,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useMemo, useState } from "react";
import { prometheus } from "../api/prometheus.ts";
import { EmptyRemark, ErrorRemark, LoadingRemark, QueryRemarks } from "../shell/Remark.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";
import { InstantInput } from "./InstantInput.tsx";
import type { TabProps } from "./QueryPanel.tsx";
import { RangeInput } from "./RangeInput.tsx";
import { ResolutionInput } from "./ResolutionInput.tsx";
import { ResultSummary } from "./ResultSummary.tsx";
import { Legend } from "./graph/Legend.tsx";
import { plotData } from "./graph/plot-data.ts";
import { stepSeconds } from "./panel.ts";
import type { Panel } from "./panel.ts";

const Plot = lazy(() => import("./graph/Plot.tsx"));
const noneHidden: ReadonlySet<number> = new Set();

function AxisPopover({ panel, onChange }: Pick<TabProps, "panel" | "onChange">) {
  return (
    <Popover position="bottom-end" withArrow shadow="md">
      <Popover.Target>
        <Tooltip label="Value axis">
          <ActionIcon variant="default" size={32} aria-label="Value axis">
            <IconAdjustmentsHorizontal size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Switch
            size="sm"
            label="Start Y axis at 0"
            checked={panel.yAxisMin === 0}
            onChange={(event) => onChange({ yAxisMin: event.currentTarget.checked ? 0 : null })}
          />
          <NumberInput
            size="xs"
            label="Lower end of the Y axis"
            placeholder="automatic"
            value={panel.yAxisMin ?? ""}
            onChange={(value) => onChange({ yAxisMin: typeof value === "number" ? value : null })}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function GraphControls({ panel, onChange }: Pick<TabProps, "panel" | "onChange">) {
  return (
    <Group gap="xs">
      <RangeInput rangeMs={panel.rangeMs} onChange={(rangeMs) => onChange({ rangeMs })} />
      <InstantInput
        label="End time"
        valueMs={panel.endMs}
        shiftMs={panel.rangeMs / 2}
        onChange={(endMs) => onChange({ endMs })}
      />
      <ResolutionInput
        resolution={panel.resolution}
        rangeMs={panel.rangeMs}
        onChange={(resolution) => onChange({ resolution })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Display mode"
        value={panel.displayMode === "stacked" ? "stacked" : "lines"}
        onChange={(value) => onChange({ displayMode: value === "stacked" ? "stacked" : "lines" })}
        data={[
          { value: "lines", label: "Unstacked" },
          { value: "stacked", label: "Stacked" },
        ]}
      />
      <AxisPopover panel={panel} onChange={onChange} />
    </Group>
  );
}

function useRangeQuery(panel: Panel, queryKey: readonly unknown[]) {
  const { expr, endMs, rangeMs } = panel;
  const step = stepSeconds(panel.resolution, rangeMs);
  return useQuery({
    queryKey: [...queryKey, "range", expr, endMs, rangeMs, step],
    queryFn: async ({ signal }) => {
      const end = (endMs ?? nowMs()) / 1000;
      const grid = { start: end - rangeMs / 1000, end, step };
      return { grid, answer: await prometheus.queryRange(expr, grid, signal) };
    },
    enabled: expr !== "",
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

/** An expression over time, as lines or stacked areas. */
export function GraphTab({ panel, queryKey, onChange }: TabProps) {
  const preferences = usePreferences();
  const narrow = useMediaQuery("(max-width: 48em)");
  const result = useRangeQuery(panel, queryKey);
  const drawn = panel.expr === "" ? undefined : result.data;
  const data = useMemo(
    () => (drawn === undefined ? undefined : plotData(drawn.answer.data.result, drawn.grid)),
    [drawn],
  );
  // What is hidden belongs to one set of series: another number of them starts afresh.
  const [hiddenOf, setHiddenOf] = useState<{ count: number; hidden: ReadonlySet<number> }>({
    count: 0,
    hidden: noneHidden,
  });
  const count = data?.lines.length ?? 0;
  const hidden = hiddenOf.count === count ? hiddenOf.hidden : noneHidden;
  const zoom = (start: number, end: number): void =>
    onChange({ rangeMs: Math.max(1, Math.round(end - start)) * 1000, endMs: Math.round(end) * 1000 });

  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <GraphControls panel={panel} onChange={onChange} />
        {drawn !== undefined && (
          <ResultSummary
            elapsedMs={drawn.answer.elapsedMs}
            series={count}
            step={drawn.grid.step}
            stats={drawn.answer.data.stats}
          />
        )}
      </Group>
      {panel.expr === "" && (
        <EmptyRemark title="No data queried yet">Enter an expression and press Enter to draw it.</EmptyRemark>
      )}
      {result.isError && <ErrorRemark error={result.error} title="Error executing query" />}
      {drawn !== undefined && preferences.showQueryWarnings && (
        <QueryRemarks level="warning" texts={drawn.answer.warnings} />
      )}
      {drawn !== undefined && preferences.showQueryInfoNotices && (
        <QueryRemarks level="info" texts={drawn.answer.infos} />
      )}
      {drawn === undefined && result.isFetching && <LoadingRemark label="Running the query" />}
      {drawn === undefined && panel.expr !== "" && !result.isFetching && !result.isError && (
        <EmptyRemark title="Query cancelled">Press Execute to run it again.</EmptyRemark>
      )}
      {data !== undefined && !result.isError && count === 0 && (
        <EmptyRemark title="Empty query result">
          No series match between these times. Check the metric name and matchers, or choose a longer range.
        </EmptyRemark>
      )}
      {data !== undefined && !result.isError && count > 0 && (
        <Box pos="relative">
          <LoadingOverlay visible={result.isPlaceholderData && result.isFetching} overlayProps={{ blur: 0.5 }} />
          <Suspense fallback={<LoadingRemark label="Loading the graph" />}>
            <Plot
              data={data}
              stacked={panel.displayMode === "stacked"}
              yAxisMin={panel.yAxisMin}
              hidden={hidden}
              height={narrow ? 280 : 460}
              onZoom={zoom}
            />
          </Suspense>
          <Legend lines={data.lines} hidden={hidden} onChange={(next) => setHiddenOf({ count, hidden: next })} />
        </Box>
      )}
    </Stack>
  );
}
