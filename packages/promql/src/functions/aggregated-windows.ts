import type { SampleAggregates } from "@narthex/storage";
import type { WindowedAggregates } from "../operators/aggregate-windows.ts";
import { FLOAT, type SeriesColumn } from "../operators/operator.ts";
import { KahanSum } from "./kahan.ts";

/**
 * Computes a number from the downsampled rows with index `from` up to but not including `to`. The rows represent
 * `count` samples.
 */
type OfRows = (rows: SampleAggregates, from: number, to: number, count: number) => number;

/** Makes a range function from a function of downsampled rows. A window without a row has no result. */
const overRows =
  (compute: OfRows) =>
  ({ rows, windows: { from, to } }: WindowedAggregates, { present, values }: SeriesColumn): void => {
    for (let step = 0; step < present.length; step++) {
      if (from[step]! >= to[step]!) continue;
      let count = 0;
      for (let row = from[step]!; row < to[step]!; row++) count += rows.count[row]!;
      values[step] = compute(rows, from[step]!, to[step]!, count);
      present[step] = FLOAT;
    }
  };

const sum = new KahanSum();

function sumOfRows({ sum: sums }: SampleAggregates, from: number, to: number): number {
  sum.reset(sums[from]);
  for (let row = from + 1; row < to; row++) sum.add(sums[row]!);
  return sum.total;
}

/**
 * Returns the smallest or largest value of a column of downsampled rows. The result is NaN only if all values are NaN.
 */
const bestOf =
  (column: "min" | "max", sign: 1 | -1): OfRows =>
  (rows, from, to) => {
    const values = rows[column];
    let best = NaN;
    for (let row = from; row < to; row++) {
      const value = values[row]!;
      if (sign * value > sign * best || Number.isNaN(best)) best = value;
    }
    return best;
  };

export const countOfAggregates = overRows((_rows, _from, _to, count) => count);
export const presentOfAggregates = overRows(() => 1);
export const sumOfAggregates = overRows(sumOfRows);
export const averageOfAggregates = overRows((rows, from, to, count) => sumOfRows(rows, from, to) / count);
export const minOfAggregates = overRows(bestOf("min", -1));
export const maxOfAggregates = overRows(bestOf("max", 1));
export const firstOfAggregates = overRows(({ first }, from) => first[from]!);
export const lastOfAggregates = overRows(({ last }, _from, to) => last[to - 1]!);
