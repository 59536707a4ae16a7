import { Text, Tooltip } from "@mantine/core";
import type { QueryStats } from "../api/query-result.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatCount } from "../format/si-number.ts";
import { StatsTable } from "../shell/StatsTable.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./ResultSummary.module.css";

const css = classesOf(styles);

const timingNames: Readonly<Record<string, string>> = {
  evalTotalTime: "Evaluation, total",
  resultSortTime: "Sorting the result",
  queryPreparationTime: "Preparation",
  innerEvalTime: "Inner evaluation",
  execQueueTime: "Waiting in the queue",
  execTotalTime: "Execution, total",
};
const sampleNames: Readonly<Record<string, string>> = {
  totalQueryableSamples: "Samples touched",
  samplesRead: "Samples read",
  peakSamples: "Samples at peak",
};

/** Converts query statistics to rows with a label and a value. */
function statsRows(stats: QueryStats): Array<[string, string]> {
  const timings = Object.entries(stats.timings ?? {}).map(([name, seconds]): [string, string] => [
    timingNames[name] ?? name,
    humanizeDuration(seconds * 1000),
  ]);
  const samples = Object.entries(stats.samples ?? {})
    .filter(([, count]) => typeof count === "number")
    .map(([name, count]): [string, string] => [sampleNames[name] ?? name, formatCount(count)]);
  return [...timings, ...samples];
}

/** Shows the load time and the number of series of a result. A tooltip shows more statistics. */
export function ResultSummary({
  elapsedMs,
  series,
  step,
  stats,
}: {
  elapsedMs: number;
  series: number;
  step?: number;
  stats?: QueryStats | undefined;
}) {
  const text = (
    <Text
      size="xs"
      c="dimmed"
      className={css("summary")}
      tabIndex={stats === undefined ? -1 : 0}
      data-testid="query-stats"
    >
      Load time: {Math.round(elapsedMs)}ms
      {step !== undefined && <> · Resolution: {humanizeDuration(step * 1000)}</>} · Result series: {formatCount(series)}
    </Text>
  );
  if (stats === undefined) return text;
  return (
    <Tooltip
      label={<StatsTable rows={statsRows(stats)} />}
      position="bottom-end"
      events={{ hover: true, focus: true, touch: true }}
    >
      {text}
    </Tooltip>
  );
}
