import { histogramSlots } from "../operators/operator.ts";
import type { FloatHistogram } from "@narthex/model";
import type { WindowedSeries } from "../operators/window.ts";

/** Finds the kinds of samples in the windows of a series, from running counts, in constant time for each window. */
export class WindowContent {
  /** At index i: the number of histograms among the first i samples. undefined if there are no histograms. */
  readonly #histogramsBefore: Int32Array | undefined;

  constructor(series: WindowedSeries) {
    if (series.histograms === undefined) return;
    const before = new Int32Array(series.count + 1);
    for (let i = 0; i < series.count; i++) before[i + 1] = before[i]! + (series.histograms[i] === undefined ? 0 : 1);
    this.#histogramsBefore = before;
  }

  /** Returns the number of histograms in slots from … to-1. */
  histograms(from: number, to: number): number {
    return this.#histogramsBefore === undefined ? 0 : this.#histogramsBefore[to]! - this.#histogramsBefore[from]!;
  }
}

/** Returns whether the windows overlap so much that most samples are in many windows. */
export function windowsOverlap({ from, to, count }: Pick<WindowedSeries, "from" | "to" | "count">): boolean {
  let looked = 0;
  for (let step = 0; step < from.length; step++) looked += to[step]! - from[step]!;
  return looked > 8 * count;
}

/** The float samples of a series, with windows of these samples, for functions that ignore histograms. */
export interface FloatsOnly {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly count: number;
  /** The window of step i contains slots from[i] … to[i]-1. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** For each step, 1 if its window contains histograms; undefined if there are no histograms. */
  readonly ignored: Uint8Array | undefined;
}

/** Returns the floats of a series. The floats are copied only if the series has histograms. */
export function floatsOnly(series: WindowedSeries): FloatsOnly {
  const { histograms, count, from, to } = series;
  if (histograms === undefined) {
    return { timestamps: series.timestamps, values: series.values, count, from, to, ignored: undefined };
  }
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const floatsBefore = new Int32Array(count + 1);
  let floats = 0;
  for (let i = 0; i < count; i++) {
    floatsBefore[i] = floats;
    if (histograms[i] !== undefined) continue;
    timestamps[floats] = series.timestamps[i]!;
    values[floats++] = series.values[i]!;
  }
  floatsBefore[count] = floats;
  const floatsFrom = from.map((slot) => floatsBefore[slot]!);
  const floatsTo = to.map((slot) => floatsBefore[slot]!);
  const ignored = Uint8Array.from(from, (slot, step) =>
    to[step]! - slot > floatsTo[step]! - floatsFrom[step]! ? 1 : 0,
  );
  return { timestamps, values, count: floats, from: floatsFrom, to: floatsTo, ignored };
}

/** Puts a histogram into a column's slot. */
export function putHistogram(
  out: { readonly present: Uint8Array; histograms: (FloatHistogram | undefined)[] | undefined },
  step: number,
  histogram: FloatHistogram,
): void {
  (out.histograms ??= histogramSlots(out.present.length))[step] = histogram;
  out.present[step] = 2;
}
