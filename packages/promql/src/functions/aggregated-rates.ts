import type { SampleAggregates } from "@narthex/storage";
import type { WindowedAggregates } from "../operators/aggregate-windows.ts";
import { FLOAT, type SeriesColumn } from "../operators/operator.ts";
import { extrapolation } from "./extrapolation.ts";
import type { RateKind } from "./rate.ts";

/**
 * Computes rate, increase and delta from downsampled data. For each window, the data has the first and last sample, the
 * number of samples, and how much a counter lost at resets.
 */
export const ratesOfAggregates =
  (kind: RateKind) =>
  ({ rows, windows }: WindowedAggregates, out: SeriesColumn): void => {
    const { from, to, start, end } = windows;
    for (let step = 0; step < from.length; step++) {
      const found = changeOf(rows, from[step]!, to[step]!, kind.counter);
      if (found === undefined) continue;
      const [windowStart, windowEnd] = [start[step]!, end[step]!];
      const factor = extrapolation({ ...found, start: windowStart, end: windowEnd, counter: kind.counter });
      const covered = windowEnd - windowStart;
      out.values[step] =
        found.change * (kind.perSecond ? factor / (covered / 1000) : factor * (windows.rangeMs / covered));
      out.present[step] = FLOAT;
    }
  };

interface Change {
  readonly firstTime: number;
  readonly lastTime: number;
  readonly firstValue: number;
  readonly change: number;
  /** Number of samples. */
  readonly count: number;
}

/**
 * Returns the change between the first and last sample in the downsampled rows with index `from` up to but not
 * including `to`. Returns undefined for fewer than two samples.
 */
function changeOf(rows: SampleAggregates, from: number, to: number, counter: boolean): Change | undefined {
  const { count, first, last, lost } = rows;
  let [samples, lostInAll] = [0, 0];
  for (let row = from; row < to; row++) {
    samples += count[row]!;
    lostInAll += lost[row]!;
    if (row > from && first[row]! < last[row - 1]!) lostInAll += last[row - 1]!;
  }
  if (samples < 2) return undefined;
  return {
    firstTime: rows.firstTime(from),
    lastTime: rows.time[to - 1]!,
    firstValue: first[from]!,
    change: last[to - 1]! - first[from]! + (counter ? lostInAll : 0),
    count: samples,
  };
}
