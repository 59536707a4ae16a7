/**
 * Positions of bars. Positions along the axis of groups are shares of the distance between groups; positions along the
 * bars are values.
 */
export interface BarGeometry {
  /** Position of the bar of each visible series within its group, by series index. */
  readonly slots: ReadonlyMap<number, BarSlot>;
  /** Values at which each bar starts and ends, by series and row. NaN if there is no bar. */
  readonly starts: readonly Float64Array[];
  readonly ends: readonly Float64Array[];
}

/** Left and right edge of a bar, relative to the middle of its group. */
interface BarSlot {
  readonly from: number;
  readonly to: number;
}

export interface BarValues {
  /** One value for each group; NaN if it is missing. */
  readonly values: Float64Array;
}

export interface GeometrySettings {
  readonly stacking: "none" | "normal" | "percent";
  readonly groupWidth: number;
  readonly barWidth: number;
}

/** Places bars side by side or stacked. Negative bars are stacked downwards from zero. */
export function barGeometry<S extends BarValues>(
  series: readonly S[],
  isDrawn: (series: S) => boolean,
  rows: number,
  { stacking, groupWidth, barWidth }: GeometrySettings,
): BarGeometry {
  const drawn = series.flatMap((one, at) => (isDrawn(one) ? [at] : []));
  const isAlone = drawn.length < 2 || stacking !== "none";
  const share = isAlone ? barWidth : groupWidth / drawn.length;
  const width = isAlone ? barWidth : share * barWidth;
  const slots = new Map(
    drawn.map((at, position): [number, BarSlot] => {
      const middle = isAlone ? 0 : (position + 0.5) * share - groupWidth / 2;
      return [at, { from: middle - width / 2, to: middle + width / 2 }];
    }),
  );
  const none = (): Float64Array => new Float64Array(rows).fill(NaN);
  const [starts, ends] = [series.map(none), series.map(none)];
  const totals = stacking === "percent" ? sizesOf(series, drawn, rows) : undefined;
  const above = new Float64Array(rows);
  const below = new Float64Array(rows);
  for (const at of drawn) {
    const { values } = series[at]!;
    for (let row = 0; row < rows; row++) {
      const value = values[row]!;
      if (!Number.isFinite(value)) continue;
      if (stacking === "none") {
        starts[at]![row] = 0;
        ends[at]![row] = value;
        continue;
      }
      const amount = totals === undefined ? value : totals[row] === 0 ? 0 : value / totals[row]!;
      const stack = amount < 0 ? below : above;
      starts[at]![row] = stack[row]!;
      stack[row]! += amount;
      ends[at]![row] = stack[row]!;
    }
  }
  return { slots, starts, ends };
}

/** Returns the sum of the absolute values of the drawn series in each row. */
function sizesOf(series: readonly BarValues[], drawn: readonly number[], rows: number): Float64Array {
  const sums = new Float64Array(rows);
  for (const at of drawn) {
    const { values } = series[at]!;
    for (let row = 0; row < rows; row++) if (Number.isFinite(values[row])) sums[row]! += Math.abs(values[row]!);
  }
  return sums;
}

/** Returns the smallest and the largest value that bars of some series reach. The range includes zero. */
export function reachOf({ starts, ends, slots }: BarGeometry, members: readonly number[]): [number, number] {
  let [low, high] = [0, 0];
  for (const at of members) {
    if (!slots.has(at)) continue;
    for (const column of [starts[at]!, ends[at]!])
      for (const value of column) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
  }
  return [low, high];
}
