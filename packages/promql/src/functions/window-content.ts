import { histogramSlots } from "../operators/operator.ts";
import type { FloatHistogram } from "@narthex/model";
import type { WindowedSeries } from "../operators/window.ts";

/**
 * Reports in constant time whether a window of a series has floats or histograms. The constructor counts the histograms
 * up to each sample in advance.
 */
export class WindowContent {
  /** At index i, the number of histograms among the first i samples. Undefined if there are no histograms. */
  readonly #histogramsBefore: Int32Array | undefined;

  constructor(series: WindowedSeries) {
    if (series.histograms === undefined) return;
    const before = new Int32Array(series.count + 1);
    for (let i = 0; i < series.count; i++) before[i + 1] = before[i]! + (series.histograms[i] === undefined ? 0 : 1);
    this.#histogramsBefore = before;
  }

  /** Returns the number of histograms among the samples `from` … `to`-1. */
  histograms(from: number, to: number): number {
    return this.#histogramsBefore === undefined ? 0 : this.#histogramsBefore[to]! - this.#histogramsBefore[from]!;
  }
}

/** Returns whether consecutive windows share most of their samples. */
export function windowsOverlap({ from, to, count }: Pick<WindowedSeries, "from" | "to" | "count">): boolean {
  let looked = 0;
  for (let step = 0; step < from.length; step++) looked += to[step]! - from[step]!;
  return looked > 8 * count;
}

/** The float samples of a series, and the windows over these samples. Used by functions that ignore histograms. */
export interface FloatsOnly {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly count: number;
  /** Index of the first sample of each window. The window of evaluation time i has the samples from[i] … to[i]-1. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** For each evaluation time, 1 if its window also has histograms. Undefined if the series has no histograms. */
  readonly ignored: Uint8Array | undefined;
}

/** Returns the float samples of a series. The samples are copied only if the series also has histograms. */
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

export function putHistogram(
  out: { readonly present: Uint8Array; histograms: (FloatHistogram | undefined)[] | undefined },
  step: number,
  histogram: FloatHistogram,
): void {
  (out.histograms ??= histogramSlots(out.present.length))[step] = histogram;
  out.present[step] = 2;
}
