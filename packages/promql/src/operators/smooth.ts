import { type FloatHistogram, usesCustomBuckets } from "@narthex/model";
import { firstSlot } from "../functions/extended-rate.ts";
import { interpolate, interpolateHistograms } from "../functions/interpolate.ts";
import { RangeAnnotations } from "../functions/range-annotations.ts";
import { putHistogram, WindowContent } from "../functions/window-content.ts";
import { FLOAT, type SeriesColumn } from "./operator.ts";
import { type RangeCall, type RangeKernel, type WindowedSeries } from "./window.ts";
import { windowEnd } from "./window-slots.ts";

/**
 * Implements an instant selector with `smoothed`: returns the value on the line between the samples around each
 * evaluation time. After the last sample, returns the value of the last sample. Before the first sample, there is no
 * value. Samples are searched within the lookback on both sides.
 */
export function smoothKernel(call: RangeCall): RangeKernel {
  const annotations = new RangeAnnotations(call.evaluation, call.position);
  return (series, out) => {
    const content = new WindowContent(series);
    for (let step = 0; step < out.present.length; step++) {
      const from = series.from[step]!;
      const to = series.to[step]!;
      if (from >= to) continue;
      const histograms = content.histograms(from, to);
      if (histograms > 0 && histograms < to - from) {
        annotations.mixed(series.metricName);
        continue;
      }
      const moment = windowEnd(call.frame, step);
      const next = firstSlot(series.timestamps, from, to, (time) => time >= moment);
      const exact = next < to && series.timestamps[next] === moment;
      if (!exact && next === from) continue;
      if (histograms > 0) smoothHistogram(series, next, to, moment, exact, annotations, out, step);
      else smoothFloat(series, next, to, moment, exact, out, step);
    }
  };
}

function smoothFloat(
  { timestamps: t, values: v }: WindowedSeries,
  next: number,
  to: number,
  moment: number,
  exact: boolean,
  out: SeriesColumn,
  step: number,
): void {
  if (exact) out.values[step] = v[next]!;
  else if (next < to) out.values[step] = interpolate(t[next - 1]!, v[next - 1]!, t[next]!, v[next]!, moment, false);
  else out.values[step] = v[next - 1]!;
  out.present[step] = FLOAT;
}

function smoothHistogram(
  { timestamps: t, histograms, metricName }: WindowedSeries,
  next: number,
  to: number,
  moment: number,
  exact: boolean,
  annotations: RangeAnnotations,
  out: SeriesColumn,
  step: number,
): void {
  const h = histograms as readonly FloatHistogram[];
  if (exact) {
    putHistogram(out, step, h[next]!);
    return;
  }
  const before = h[next - 1]!;
  if (next >= to) {
    putHistogram(out, step, { ...before, resetHint: "unknown" });
    return;
  }
  const after = h[next]!;
  if (usesCustomBuckets(before) !== usesCustomBuckets(after)) {
    annotations.mixedSchemas(metricName);
    return;
  }
  const counter = before.resetHint !== "gauge" || after.resetHint !== "gauge";
  const between = interpolateHistograms(
    t[next - 1]!,
    before,
    t[next]!,
    after,
    moment,
    counter,
    annotations,
    metricName,
  );
  if (between !== undefined) putHistogram(out, step, between);
}
