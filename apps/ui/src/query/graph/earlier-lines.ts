import type { EarlierPeriod } from "@narthex/dashboards";
import type { DataSource, TimeGrid } from "../../datasource/data-source.ts";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import type { TimeSlice } from "../../time/time-slice.ts";
import { plotData, type PlotData, type PlotLine } from "./plot-data.ts";

/** The lines of an earlier period, at the times of the present lines. */
interface EarlierLines {
  readonly lines: readonly PlotLine[];
  /** A warning if the earlier period cannot be shown. */
  readonly warnings: readonly string[];
}

const shifted = ({ start, end, step }: TimeGrid, { shiftMs }: EarlierPeriod): TimeGrid => ({
  start: start - shiftMs / 1000,
  end: end - shiftMs / 1000,
  step,
});

/**
 * Runs a query over an earlier period. If the query fails, there is a warning instead of lines, because the present
 * lines can still be shown.
 */
export async function earlierResult(
  source: DataSource,
  expr: string,
  grid: TimeGrid,
  period: EarlierPeriod,
  signal: AbortSignal,
) {
  const earlier = shifted(grid, period);
  try {
    const { data } = await source.queryRange(expr, earlier, signal);
    return { grid: earlier, series: data.result, words: period.words };
  } catch (error) {
    signal.throwIfAborted();
    return { warning: `The earlier period (${period.words}) cannot be shown: ${errorSentence(error)}` };
  }
}

/**
 * Returns the lines of an earlier result. A line has the colour of the present line of the same series. The lines have
 * the order of the present lines, so that both are stacked in the same order.
 */
export async function earlierLines(
  result: Awaited<ReturnType<typeof earlierResult>> | undefined,
  present: PlotData,
  slice: TimeSlice,
): Promise<EarlierLines> {
  if (result === undefined) return { lines: [], warnings: [] };
  if (result.grid === undefined) return { lines: [], warnings: [result.warning] };
  const colors = new Map(present.lines.map(({ key, color }) => [key, color]));
  const places = new Map(present.lines.map(({ key }, at) => [key, at]));
  const placeOf = ({ key }: PlotLine): number => places.get(key) ?? places.size;
  const { lines } = await plotData(result.series, result.grid, { slice });
  return {
    lines: lines
      .toSorted((a, b) => placeOf(a) - placeOf(b))
      .map((line) => ({
        ...line,
        key: `earlier ${line.key}`,
        color: colors.get(line.key) ?? present.lines.length + line.color,
        note: result.words,
      })),
    warnings: [],
  };
}
