import { Box, Group, LoadingOverlay, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { EmptyRemark, ErrorRemark, LoadingRemark, QueryRemarks } from "../shell/Remark.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";
import { InstantInput } from "./InstantInput.tsx";
import { ResultSummary } from "./ResultSummary.tsx";
import { ResultTable } from "./ResultTable.tsx";
import type { TabProps } from "./QueryPanel.tsx";

/** The value of an expression at one time. */
export function TableTab({ panel, queryKey, onChange }: TabProps) {
  const preferences = usePreferences();
  const { expr, endMs } = panel;
  const result = useQuery({
    queryKey: [...queryKey, "instant", expr, endMs],
    queryFn: ({ signal }) => prometheus.query(expr, (endMs ?? nowMs()) / 1000, signal),
    enabled: expr !== "",
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const answer = expr === "" ? undefined : result.data;
  const rows = answer === undefined || !Array.isArray(answer.data.result) ? 0 : answer.data.result.length;
  const single = answer?.data.resultType === "scalar" || answer?.data.resultType === "string";
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <InstantInput
          label="Evaluation time"
          valueMs={endMs}
          shiftMs={panel.rangeMs / 2}
          onChange={(value) => onChange({ endMs: value })}
        />
        {answer !== undefined && (
          <ResultSummary elapsedMs={answer.elapsedMs} series={single ? 1 : rows} stats={answer.data.stats} />
        )}
      </Group>
      {expr === "" && (
        <EmptyRemark title="No data queried yet">
          Enter an expression and press Enter, or pick a metric with Explore metrics in the editor's menu.
        </EmptyRemark>
      )}
      {result.isError && <ErrorRemark error={result.error} title="Error executing query" />}
      {answer !== undefined && preferences.showQueryWarnings && (
        <QueryRemarks level="warning" texts={answer.warnings} />
      )}
      {answer !== undefined && preferences.showQueryInfoNotices && <QueryRemarks level="info" texts={answer.infos} />}
      {answer === undefined && result.isFetching && <LoadingRemark label="Running the query" />}
      {answer === undefined && expr !== "" && !result.isFetching && !result.isError && (
        <EmptyRemark title="Query cancelled">Press Execute to run it again.</EmptyRemark>
      )}
      {answer !== undefined && !result.isError && (
        <Box pos="relative">
          <LoadingOverlay visible={result.isPlaceholderData && result.isFetching} overlayProps={{ blur: 0.5 }} />
          <ResultTable data={answer.data} />
        </Box>
      )}
    </Stack>
  );
}
