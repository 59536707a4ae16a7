import { Box, Group, LoadingOverlay, Stack } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useDataSource } from "../datasource/data-source-context.ts";
import { EmptyMessage, LoadingMessage, QueryAnnotations } from "../shell/StatusMessage.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { evaluationSeconds, rangeKey, useTimeRange } from "../time/time-range-context.ts";
import { isPast } from "../time/time-range.ts";
import { ResultSummary } from "./ResultSummary.tsx";
import { EmptyReason, ResultTable, RunError } from "./later-parts.tsx";
import { RunState } from "./RunState.tsx";
import type { TabProps } from "../query-link/panel.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";

export function TableTab({ panel: { expr }, queryKey }: Pick<TabProps, "panel" | "queryKey">) {
  const source = useDataSource();
  const preferences = usePreferences();
  const control = useTimeRange();
  const { range } = control;
  const result = useRefreshedQuery({
    queryKey: [...queryKey, "instant", expr, range.endMs, range.raw],
    queryFn: async ({ signal }) => {
      // The code of the table is loaded while the query runs.
      void ResultTable.load();
      const time = await evaluationSeconds(control);
      return { ...(await source.query(expr, time, signal)), time };
    },
    enabled: expr !== "",
    // Disables the automatic refresh for a fixed evaluation time, because the result does not change.
    ...(isPast(range) ? { refetchInterval: false as const } : {}),
    placeholderData: keepPreviousData,
    gcTime: 0,
    // Turns off the comparison of new and old responses, which would take longer for thousands of series than rendering
    // again.
    structuralSharing: false,
  });
  const answer = expr === "" ? undefined : result.data;
  const rows = answer === undefined || !Array.isArray(answer.data.result) ? 0 : answer.data.result.length;
  const single = answer?.data.resultType === "scalar" || answer?.data.resultType === "string";
  return (
    <Stack gap="sm">
      {answer !== undefined && (
        <Group justify="flex-end">
          <ResultSummary elapsedMs={answer.elapsedMs} series={single ? 1 : rows} stats={answer.data.stats} />
        </Group>
      )}
      {expr === "" && (
        <EmptyMessage title="No data queried yet">
          Enter an expression and press Enter, or pick a metric with Explore metrics in the editor's menu.
        </EmptyMessage>
      )}
      {result.isError && <RunError error={result.error} expr={expr} />}
      <RunState key={expr} result={result} queryKey={queryKey} />
      {answer !== undefined && preferences.showQueryWarnings && (
        <QueryAnnotations level="warning" texts={answer.warnings} />
      )}
      {answer !== undefined && preferences.showQueryInfoNotices && (
        <QueryAnnotations level="info" texts={answer.infos} />
      )}
      {answer === undefined && result.isFetching && <LoadingMessage label="Running the query" />}
      {answer === undefined && expr !== "" && !result.isFetching && !result.isError && (
        <EmptyMessage title="Query cancelled">Press Execute to run it again.</EmptyMessage>
      )}
      {answer !== undefined && (
        <Box pos="relative">
          <LoadingOverlay visible={result.isPlaceholderData && result.isFetching} overlayProps={{ blur: 0.5 }} />
          <ResultTable data={answer.data} />
          {rows === 0 && !single && (
            <EmptyReason expr={expr} at={{ time: answer.time }} queryKey={[...queryKey, ...rangeKey(range)]} />
          )}
        </Box>
      )}
    </Stack>
  );
}
