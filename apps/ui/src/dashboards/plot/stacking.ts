import type { AlignedSeries } from "./aligned-series.ts";
import type { DrawnValues } from "./drawn-values.ts";

/**
 * Settings that determine which series are stacked together. All of mode, group, sign, scale and style must be equal.
 */
export interface StackSettings {
  readonly mode: "none" | "normal" | "percent";
  readonly group: string;
  /** Whether most values are negative. Negative series have their own stack. */
  readonly isNegative: boolean;
  /** Key of the value axis. Series on different axes are not stacked on each other. */
  readonly scale: string;
  /** Drawing style. Series with different styles, such as lines and bars, are not stacked on each other. */
  readonly style: string;
  /** Whether the series is hidden. A hidden series is not part of its stack. */
  readonly isHidden: boolean;
}

/** The filled area between two stacked series. `upper` and `lower` are their indexes. */
export interface StackBand {
  readonly upper: number;
  readonly lower: number;
  readonly isNegative: boolean;
}

export interface Stacked {
  readonly values: readonly DrawnValues[];
  readonly bands: readonly StackBand[];
}

/**
 * Adds the values of series that are stacked on each other. In the mode `percent`, each value is first divided by the
 * sum of its stack at the same time.
 */
export function stackSeries(series: readonly DrawnValues[], settings: readonly StackSettings[]): Stacked {
  const stacks = new Map<string, number[]>();
  settings.forEach((one, index) => {
    if (one.mode === "none" || one.isHidden) return;
    const key = JSON.stringify([one.mode, one.group, one.isNegative, one.scale, one.style]);
    const stack = stacks.get(key);
    if (stack === undefined) stacks.set(key, [index]);
    else stack.push(index);
  });
  const values = [...series];
  const bands: StackBand[] = [];
  for (const members of stacks.values()) {
    const { mode, isNegative } = settings[members[0]!]!;
    const length = series[members[0]!]!.length;
    const shares = mode === "percent" ? totals(members, series, length) : undefined;
    let below: Float64Array | undefined;
    members.forEach((index, position) => {
      const own = series[index]!;
      const sum = new Float64Array(length);
      const drawn: (number | null | undefined)[] = Array.from({ length });
      for (let at = 0; at < length; at++) {
        const value = own[at];
        const share = value == null ? 0 : shares === undefined ? value : shares[at] === 0 ? 0 : value / shares[at]!;
        sum[at] = (below?.[at] ?? 0) + share;
        drawn[at] = value == null ? value : sum[at]!;
      }
      // A series continues through its gaps if others are stacked on it, so that their areas do not drop to zero.
      values[index] = members.length > 1 && position < members.length - 1 ? throughGaps(drawn, sum) : drawn;
      if (position > 0) bands.push({ upper: index, lower: members[position - 1]!, isNegative });
      below = sum;
    });
  }
  return { values, bands };
}

/** Number of samples that decide whether a series is negative. */
const DIRECTION_SAMPLES = 100;

/** Reports whether most samples of a series are negative. Only some evenly spaced samples are read, as in Grafana. */
export function isMostlyNegative({ values, gaps }: Pick<AlignedSeries, "values" | "gaps">): boolean {
  const isAbsent = (at: number): boolean => (gaps?.[at] ?? 0) !== 0;
  let [first, last] = [0, values.length - 1];
  while (first <= last && isAbsent(first)) first++;
  while (last >= first && isAbsent(last)) last--;
  const stride = Math.max(1, Math.floor((last - first + 1) / DIRECTION_SAMPLES));
  let balance = 0;
  for (let at = first; at <= last; at += stride) {
    const value = values[at]!;
    if (isAbsent(at)) continue;
    if (value < 0 || Object.is(value, -0)) balance--;
    else if (value > 0) balance++;
  }
  return balance < 0;
}

function totals(members: readonly number[], series: readonly DrawnValues[], length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const index of members) {
    const values = series[index]!;
    for (let at = 0; at < length; at++) sums[at]! += Math.abs(values[at] ?? 0);
  }
  return sums;
}

/** Fills gaps between the first and last value of a series with the sum of the stack. */
function throughGaps(drawn: (number | null | undefined)[], sum: Float64Array): (number | null | undefined)[] {
  const first = drawn.findIndex((value) => value != null);
  const last = drawn.findLastIndex((value) => value != null);
  return drawn.map((value, at) => (value == null && at > first && at < last ? sum[at] : value));
}
