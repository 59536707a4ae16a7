import type { RangeSeries } from "../../api/query-result.ts";
import type { TimeGrid } from "../../datasource/data-source.ts";
import { seriesKey } from "../../format/series-name.ts";
import type { LabelSet } from "../../format/series-name.ts";
import { TimeSlice } from "../../time/time-slice.ts";
import { SeriesColors } from "./series-colors.ts";

/** One line: a value for each time of the grid; null if the series has none. */
export interface PlotLine {
  readonly labels: LabelSet;
  /** Key of the series, which does not depend on its position in the result. */
  readonly key: string;
  /** Index of its colour. */
  readonly color: number;
  readonly values: ReadonlyArray<number | null>;
}

/** All lines with their shared times, epoch ms. */
export interface PlotData {
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
}

/**
 * Aligns the result of a range query with its grid. Gaps are null, and so are NaN and infinities, which have no
 * position on an axis. A native histogram becomes its sum. Aligning thousands of series takes several time slices.
 */
export async function plotData(
  series: readonly RangeSeries[],
  grid: TimeGrid,
  { colors = new SeriesColors(), slice = new TimeSlice() }: { colors?: SeriesColors; slice?: TimeSlice } = {},
): Promise<PlotData> {
  const count = Math.max(1, Math.floor((grid.end - grid.start) / grid.step + 1e-9) + 1);
  const times = Array.from({ length: count }, (_, index) => (grid.start + index * grid.step) * 1000);
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

/**
 * Returns cumulative sums from the first line up. A missing value counts as 0; a hidden line is left out (all null).
 */
export function stackLines(
  lines: readonly Pick<PlotLine, "key" | "values">[],
  hidden: ReadonlySet<string>,
): Array<Array<number | null>> {
  const sums: number[] = Array.from<number>({ length: lines[0]?.values.length ?? 0 }).fill(0);
  return lines.map(({ key, values }) => {
    if (hidden.has(key)) return values.map(() => null);
    return values.map((value, at) => {
      const sum = (sums[at] ?? 0) + (value ?? 0);
      sums[at] = sum;
      return sum;
    });
  });
}
