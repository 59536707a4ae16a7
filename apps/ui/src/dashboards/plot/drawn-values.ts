import { ABSENT_GAP, type AlignedSeries } from "./aligned-series.ts";

/** What uPlot draws: numbers, with null for a gap and undefined where the line goes on as if nothing stood there. */
export type DrawnValues = Float64Array | (number | null | undefined)[];

export interface DrawnSettings {
  /** Gaps are bridged: all, or those of at most so many milliseconds. */
  readonly spanNulls: boolean | number;
  readonly transform: "" | "negative-Y" | "constant";
}

/** A series as its line is drawn. Without gaps the column is handed on as it is. */
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
