import { ABSENT_GAP, type AlignedSeries } from "./aligned-series.ts";

/** Values of a series in uPlot's format: null is a gap, and undefined means that the line continues without a value. */
export type DrawnValues = Float64Array | (number | null | undefined)[];

export interface DrawnSettings {
  /** Which gaps the line crosses: all gaps, none, or gaps of at most this length in ms. */
  readonly spanNulls: boolean | number;
  readonly transform: "" | "negative-Y" | "constant";
}

/** Converts a series to uPlot's values. Without gaps, returns the series' own array without copying. */
export function drawnValues(
  { values, gaps }: Pick<AlignedSeries, "values" | "gaps">,
  times: Float64Array,
  settings: DrawnSettings,
): DrawnValues {
  const { spanNulls, transform } = settings;
  const threshold = typeof spanNulls === "number" ? spanNulls : undefined;
  const hasGaps = gaps !== undefined || holdsNaN(values);
  if (!hasGaps && transform === "") return values;
  const drawn: (number | null | undefined)[] = Array.from({ length: values.length });
  let last = -1;
  for (let at = 0; at < values.length; at++) {
    const gap = gaps?.[at] ?? 0;
    const value = values[at]!;
    if (gap === 0 && value === value) {
      if (threshold !== undefined && last >= 0 && times[at]! - times[last]! <= threshold) erase(drawn, last + 1, at);
      drawn[at] = transform === "negative-Y" ? -value : value;
      last = at;
    } else if (gap === ABSENT_GAP) drawn[at] = undefined;
    else drawn[at] = spanNulls === true ? undefined : null;
  }
  if (transform === "constant") {
    const constant = drawn.find((value) => value != null);
    return drawn.map(() => constant);
  }
  return drawn;
}

function holdsNaN(values: Float64Array): boolean {
  for (let at = 0; at < values.length; at++) if (values[at] !== values[at]) return true;
  return false;
}

function erase(drawn: (number | null | undefined)[], from: number, to: number): void {
  for (let at = from; at < to; at++) drawn[at] = undefined;
}
