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
  Text,
  Tooltip,
  useComputedColorScheme,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { keepPreviousData, skipToken, useQuery } from "@tanstack/react-query";
import { earlierPeriod } from "@narthex/dashboards";
import { useMemo, useRef } from "react";
import type { ExemplarSeries } from "../api/query-result.ts";
import { useDataSource } from "../datasource/data-source-context.ts";
import type { TimeGrid } from "../datasource/data-source.ts";
import { EmptyMessage, LoadingMessage, QueryAnnotations } from "../shell/StatusMessage.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { useTimeZone } from "../shell/time-zone.ts";
import { Legend, type LegendItem, type LegendSettings } from "../plot/Legend.tsx";
import { useHiddenSeries } from "../plot/hidden-series.ts";
import { lineColor } from "@narthex/dashboards/palette";
import { seriesName } from "../format/series-name.ts";
import { SeriesName } from "./SeriesName.tsx";
import { rangeKey, useTimeRange } from "../time/time-range-context.ts";
import { isPast } from "../time/time-range.ts";
import { TimeSlice } from "../time/time-slice.ts";
import { ResolutionInput } from "./ResolutionInput.tsx";
import { ResultSummary } from "./ResultSummary.tsx";
import { RunState } from "./RunState.tsx";
import { Heatmap } from "./graph/Heatmap.tsx";
import { areHistograms, heatmapData } from "./graph/heatmap-data.ts";
import { Graph } from "./graph/Graph.tsx";
import { EmptyReason, RunError } from "./later-parts.tsx";
import { earlierLines, earlierResult } from "./graph/earlier-lines.ts";
import { plotData } from "./graph/plot-data.ts";
import type { PlotLine } from "./graph/plot-data.ts";
import { SeriesColors } from "./graph/series-colors.ts";
import { stepSeconds } from "../query-link/panel.ts";
import type { TabProps, TimelessPanel } from "../query-link/panel.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { useGraphZoom } from "./use-graph-zoom.tsx";

const noItems: readonly LegendItem[] = [];
const legendSettings: LegendSettings = {
  mode: "list",
  placement: "rows",
  columns: [],
  sortBy: "",
  sortDescending: false,
};

const legendItems = (lines: readonly PlotLine[], scheme: "light" | "dark"): readonly LegendItem[] =>
  lines.map(({ key, labels, color, note }) => ({
    key,
    // The name is computed when it is read, because a legend shows only some of thousands of lines.
    get name() {
      return note === undefined ? seriesName(labels) : `${seriesName(labels)} ${note}`;
    },
    get label() {
      return (
        <>
          <SeriesName labels={labels} plain />
          {note !== undefined && ` ${note}`}
        </>
      );
    },
    color: lineColor(color, scheme),
    values: [],
  }));

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
      <Popover.Dropdown aria-label="Value axis">
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

function GraphControls({
  panel,
  heatmap,
  onChange,
}: Pick<TabProps, "panel" | "onChange"> & {
  /** Whether the result can be drawn as a heatmap. */
  heatmap: boolean;
}) {
  const { exemplars } = useDataSource().capabilities;
  return (
    <Group gap="xs">
      <ResolutionInput resolution={panel.resolution} onChange={(resolution) => onChange({ resolution })} />
      <SegmentedControl
        size="xs"
        aria-label="Display mode"
        value={panel.displayMode === "heatmap" && !heatmap ? "lines" : panel.displayMode}
        onChange={(displayMode) => onChange({ displayMode })}
        data={[
          { value: "lines", label: "Unstacked" },
          { value: "stacked", label: "Stacked" },
          ...(heatmap ? [{ value: "heatmap" as const, label: "Heatmap" }] : []),
        ]}
      />
      <AxisPopover panel={panel} onChange={onChange} />
      {exemplars !== undefined && (
        <Switch
          size="xs"
          label="Exemplars"
          checked={panel.showExemplars}
          onChange={(event) => onChange({ showExemplars: event.currentTarget.checked })}
        />
      )}
    </Group>
  );
}

function useRangeQuery({ expr, resolution, compare }: TimelessPanel, queryKey: readonly unknown[]) {
  const source = useDataSource();
  const { range, spanNow } = useTimeRange();
  const zone = useTimeZone();
  const colors = useRef(new SeriesColors());
  return useRefreshedQuery({
    queryKey: [...queryKey, "range", expr, ...rangeKey(range), resolution, compare, zone],
    queryFn: async ({ signal }) => {
      const span = await spanNow();
      const step = stepSeconds(resolution, span.to - span.from);
      const grid = { start: span.from / 1000, end: span.to / 1000, step };
      const period = earlierPeriod(compare, span, { now: span.to, zone });
      const [answer, earlier] = await Promise.all([
        source.queryRange(expr, grid, signal),
        period && earlierResult(source, expr, grid, period, signal),
      ]);
      const slice = new TimeSlice(signal);
      const present = await plotData(answer.data.result, grid, { colors: colors.current, slice });
      const { lines, warnings } = await earlierLines(earlier, present, slice);
      return { grid, answer, warnings, present, data: { ...present, lines: [...present.lines, ...lines] } };
    },
    enabled: expr !== "",
    // No automatic refresh for a time range that ended in the past, because its data does not change.
    ...(isPast(range) ? { refetchInterval: false as const } : {}),
    placeholderData: keepPreviousData,
    gcTime: 0,
    // Turns off the comparison of new and old responses, which would take longer for thousands of series than rendering
    // again.
    structuralSharing: false,
  });
}

const noExemplars: readonly ExemplarSeries[] = [];

/** Returns the exemplars for a graph if the user has switched them on. */
function useExemplars(panel: TimelessPanel, grid: TimeGrid | undefined, queryKey: readonly unknown[]) {
  const { exemplars } = useDataSource().capabilities;
  const { expr, showExemplars } = panel;
  const result = useQuery({
    queryKey: [...queryKey, "exemplars", expr, grid],
    queryFn:
      exemplars === undefined || grid === undefined || !showExemplars || expr === ""
        ? skipToken
        : ({ signal }) => exemplars(expr, grid.start, grid.end, signal),
    gcTime: 0,
  });
  return showExemplars ? (result.data?.data ?? noExemplars) : noExemplars;
}

export default function GraphTab({ panel, queryKey, onChange }: TabProps) {
  const preferences = usePreferences();
  const { range } = useTimeRange();
  const { zoom, note } = useGraphZoom(panel);
  const narrow = useMediaQuery("(max-width: 48em)");
  const result = useRangeQuery(panel, queryKey);
  const drawn = panel.expr === "" ? undefined : result.data;
  const data = drawn?.data;
  const exemplars = useExemplars(panel, drawn?.grid, queryKey);
  const isHistogram = useMemo(() => drawn !== undefined && areHistograms(drawn.answer.data.result), [drawn]);
  const heatmap = useMemo(
    () =>
      drawn === undefined || !isHistogram || panel.displayMode !== "heatmap"
        ? null
        : heatmapData(drawn.answer.data.result, drawn.grid),
    [drawn, isHistogram, panel.displayMode],
  );
  const count = data?.lines.length ?? 0;
  const scheme = useComputedColorScheme("light");
  const items = useMemo(() => (data === undefined ? noItems : legendItems(data.lines, scheme)), [data, scheme]);
  const [hidden, hide] = useHiddenSeries(items);

  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <GraphControls panel={panel} heatmap={isHistogram} onChange={onChange} />
        {drawn !== undefined && (
          <ResultSummary
            elapsedMs={drawn.answer.elapsedMs}
            series={drawn.present.lines.length}
            step={drawn.grid.step}
            stats={drawn.answer.data.stats}
          />
        )}
      </Group>
      {panel.expr === "" && (
        <EmptyMessage title="No data queried yet">Enter an expression and press Enter to draw it.</EmptyMessage>
      )}
      {result.isError && <RunError error={result.error} expr={panel.expr} />}
      <RunState key={panel.expr} result={result} queryKey={queryKey} />
      {drawn !== undefined && preferences.showQueryWarnings && (
        <QueryAnnotations level="warning" texts={[...drawn.answer.warnings, ...drawn.warnings]} />
      )}
      {drawn !== undefined && preferences.showQueryInfoNotices && (
        <QueryAnnotations level="info" texts={drawn.answer.infos} />
      )}
      {drawn === undefined && result.isFetching && <LoadingMessage label="Running the query" />}
      {drawn === undefined && panel.expr !== "" && !result.isFetching && !result.isError && (
        <EmptyMessage title="Query cancelled">Press Execute to run it again.</EmptyMessage>
      )}
      {drawn !== undefined && count === 0 && (
        <div>
          <EmptyMessage title="Empty query result">
            No series match between these times. Check the metric name and matchers, or choose a longer range.
          </EmptyMessage>
          <EmptyReason expr={panel.expr} at={drawn.grid} queryKey={[...queryKey, ...rangeKey(range)]} />
        </div>
      )}
      {data !== undefined && count > 0 && (
        <Box pos="relative">
          {note}
          <LoadingOverlay visible={result.isPlaceholderData && result.isFetching} overlayProps={{ blur: 0.5 }} />
          {heatmap !== null ? (
            <>
              <Heatmap data={heatmap} exemplars={exemplars} height={narrow ? 280 : 460} onZoom={zoom} />
              {panel.compare !== "" && (
                <Text size="sm" c="dimmed">
                  A heatmap does not show the earlier period. “Unstacked” and “Stacked” show it.
                </Text>
              )}
            </>
          ) : (
            <>
              <Graph
                data={data}
                exemplars={exemplars}
                stacked={panel.displayMode === "stacked"}
                yAxisMin={panel.yAxisMin}
                hidden={hidden}
                height={narrow ? 280 : 460}
                onZoom={zoom}
              />
              <Legend items={items} settings={legendSettings} hidden={hidden} onHide={hide} />
            </>
          )}
        </Box>
      )}
    </Stack>
  );
}
