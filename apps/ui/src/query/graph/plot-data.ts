import type { RangeSeries } from "../../api/query-result.ts";
import type { TimeGrid } from "../../datasource/data-source.ts";
import { seriesKey } from "../../format/series-name.ts";
import type { LabelSet } from "../../format/series-name.ts";
import { TimeSlice } from "../../time/time-slice.ts";
import { SeriesColors } from "./series-colors.ts";

/** One line: a value per instant of the grid, null where the series has none. */
export interface PlotLine {
  readonly labels: LabelSet;
  /** Says which series it is, whatever its place in an answer. */
  readonly key: string;
  /** Which of the colours is its own. */
  readonly color: number;
  readonly values: ReadonlyArray<number | null>;
}

/** All lines over one shared axis of times. */
export interface PlotData {
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
}

/**
 * Puts the answer of a range query on its grid. Gaps stay null; so do NaN and infinities, which have no place on
 * an axis. A native histogram is drawn by its sum. Thousands of series take several time slices.
 */
export async function plotData(
  series: readonly RangeSeries[],
  grid: TimeGrid,
  { colors = new SeriesColors(), slice = new TimeSlice() }: { colors?: SeriesColors; slice?: TimeSlice } = {},
): Promise<PlotData> {
  const count = Math.max(1, Math.floor((grid.end - grid.start) / grid.step + 1e-9) + 1);
  const times = Array.from({ length: count }, (_, index) => grid.start + index * grid.step);
  const gaps = Array.from<number | null>({ length: count }).fill(null);
  const lines: PlotLine[] = [];
  const keys: string[] = [];
  for (const { metric } of series) {
    if (slice.isOver) await slice.next();
    keys.push(seriesKey(metric));
  }
  const colorIndexes = colors.assign(keys);
  for (const [position, one] of series.entries()) {
    if (slice.isOver) await slice.next();
    const values = gaps.slice();
    const put = (time: number, text: string): void => {
      const index = Math.round((time - grid.start) / grid.step);
      const value = Number(text);
      if (index >= 0 && index < count && Number.isFinite(value)) values[index] = value;
    };
    for (const [time, text] of one.values ?? []) put(time, text);
    for (const [time, histogram] of one.histograms ?? []) put(time, histogram.sum);
    lines.push({ labels: one.metric, key: keys[position] ?? "", color: colorIndexes[position] ?? 0, values });
  }
  return { times, lines };
}

/** Cumulative sums from the first line up; a missing value counts as 0, a hidden line is left out (all null). */
export function stackLines(
  lines: ReadonlyArray<ReadonlyArray<number | null>>,
  hidden: ReadonlySet<number>,
): Array<Array<number | null>> {
  const sums: number[] = Array.from<number>({ length: lines[0]?.length ?? 0 }).fill(0);
  return lines.map((line, index) => {
    if (hidden.has(index)) return line.map(() => null);
    return line.map((value, at) => {
      const sum = (sums[at] ?? 0) + (value ?? 0);
      sums[at] = sum;
      return sum;
    });
  });
}
