import type { RangeSeries } from "../../api/query-result.ts";
import type { TimeGrid } from "../../datasource/data-source.ts";
import { seriesKey } from "../../format/series-name.ts";
import type { LabelSet } from "../../format/series-name.ts";
import { TimeSlice } from "../../time/time-slice.ts";
import { SeriesColors } from "./series-colors.ts";

/** A line of a graph with one value per time. Null if the series has no value. */
export interface PlotLine {
  readonly labels: LabelSet;
  /** Key of the series, which does not depend on its position in the result. */
  readonly key: string;
  /** Index of the line's colour in the palette. */
  readonly color: number;
  readonly values: ReadonlyArray<number | null>;
  /** How the line differs from others of the same series, for example `1d earlier`. Such a line is dashed. */
  readonly note?: string;
}

/** All lines with their shared times, epoch ms. */
export interface PlotData {
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
}

/**
 * Aligns the series in a range query's result to the query's time grid. Gaps, NaN and infinities become null; native
 * histograms become their sums. Runs in several short tasks, because there may be thousands of series.
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

/** Sums for stacking: those of the present lines and those of the earlier lines, which have a stack of their own. */
export class StackSums {
  readonly #present: Float64Array;
  readonly #earlier: Float64Array;

  constructor(length: number) {
    this.#present = new Float64Array(length);
    this.#earlier = new Float64Array(length);
  }

  /** Returns the sums below a line. The caller adds the values of the line. */
  below({ note }: Pick<PlotLine, "note">): Float64Array {
    return note === undefined ? this.#present : this.#earlier;
  }
}

/** Returns cumulative sums of lines for stacking. A missing value counts as 0; hidden lines are null. */
export function stackLines(
  lines: readonly Pick<PlotLine, "key" | "values" | "note">[],
  hidden: ReadonlySet<string>,
): Array<Array<number | null>> {
  const stacks = new StackSums(lines[0]?.values.length ?? 0);
  return lines.map((line) => {
    const { key, values } = line;
    if (hidden.has(key)) return values.map(() => null);
    const sums = stacks.below(line);
    return values.map((value, at) => {
      const sum = (sums[at] ?? 0) + (value ?? 0);
      sums[at] = sum;
      return sum;
    });
  });
}
