import { detectReset, type FloatHistogram, HistogramBuilder } from "@narthex/model";
import type { RangeAnnotations } from "./range-annotations.ts";

/**
 * Returns the linear interpolation at `time` between two samples. If a counter fell between the samples, interpolates
 * from 0.
 */
export function interpolate(t1: number, v1: number, t2: number, v2: number, time: number, counter: boolean): number {
  const from = counter && v2 < v1 ? 0 : v1;
  return from + ((v2 - from) * (time - t1)) / (t2 - t1);
}

/** Returns the interpolation at `time` between two histograms, or undefined if their buckets are incompatible. */
export function interpolateHistograms(
  t1: number,
  h1: FloatHistogram,
  t2: number,
  h2: FloatHistogram,
  time: number,
  counter: boolean,
  annotations: RangeAnnotations,
  name: string,
): FloatHistogram | undefined {
  if (time === t1) return h1;
  if (time === t2) return h2;
  const fraction = (time - t1) / (t2 - t1);
  const result = new HistogramBuilder(h2);
  if (counter && detectReset(h2, h1)) return result.multiply(fraction).toHistogram();
  if (!annotations.combine(result, h1, "subtraction", name)) return undefined;
  result.multiply(fraction);
  return annotations.combine(result, h1, "addition", name) ? result.toHistogram() : undefined;
}
