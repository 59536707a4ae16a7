import { Text, Tooltip } from "@mantine/core";
import type { QueryStats } from "../api/query-result.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatCount } from "../format/si-number.ts";

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

function StatsTable({ stats }: { stats: QueryStats }) {
  const rows = [
    ...Object.entries(stats.timings ?? {}).map(([name, seconds]) => [
      timingNames[name] ?? name,
      humanizeDuration(seconds * 1000),
    ]),
    ...Object.entries(stats.samples ?? {})
      .filter(([, count]) => typeof count === "number")
      .map(([name, count]) => [sampleNames[name] ?? name, formatCount(count)]),
  ];
  return (
    <table className="stats-table">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Load time and number of series of a result; more about its cost when pointed at. */
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
      className="result-summary"
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
      label={<StatsTable stats={stats} />}
      position="bottom-end"
      events={{ hover: true, focus: true, touch: true }}
    >
      {text}
    </Tooltip>
  );
}
