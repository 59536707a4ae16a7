import { detectReset, type FloatHistogram, HistogramBuilder, usesCustomBuckets } from "@narthex/model";
import { FLOAT } from "../operators/operator.ts";
import { type RangeCall, type RangeKernel, type WindowedSeries } from "../operators/window.ts";
import { windowEnd } from "../operators/window-slots.ts";
import { interpolate, interpolateHistograms } from "./interpolate.ts";
import type { RangeAnnotations } from "./range-annotations.ts";
import type { RateKind } from "./rate.ts";
import { putHistogram, WindowContent } from "./window-content.ts";
import { HISTOGRAM_WORK } from "./histogram-over-time.ts";

/**
 * The samples that are used for one evaluation time: the index of the first and of the last sample, and the edges of
 * the window in ms.
 */
interface SampleRange {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Computes rate, increase and delta of range selectors with `anchored` or `smoothed`: the change between the edges of
 * the window, without extrapolation.
 */
export function extendedRate(call: RangeCall, kind: RateKind, annotations: RangeAnnotations): RangeKernel {
  const smoothed = call.frame.mode === "smoothed";
  const seconds = call.frame.rangeMs / 1000;
  return (series, out) => {
    const content = new WindowContent(series);
    for (let step = 0; step < series.from.length; step++) {
      const from = series.from[step]!;
      const to = series.to[step]!;
      if (from >= to) continue;
      const histograms = content.histograms(from, to);
      call.evaluation.checkDeadlineAfter(histograms > 0 ? HISTOGRAM_WORK * histograms : to - from);
      if (histograms > 0 && histograms < to - from) {
        annotations.mixed(series.metricName);
        continue;
      }
      const range = sampleRangeOf(series, from, to, windowEnd(call.frame, step), call.frame.rangeMs, smoothed);
      if (range === undefined || (smoothed && series.timestamps[range.first]! > range.end)) continue;
      if (histograms > 0) {
        const change = histogramChange(series, range, kind, smoothed, annotations);
        if (change === undefined) continue;
        if (kind.perSecond) change.divide(seconds);
        change.hint = "gauge";
        putHistogram(out, step, change.compact().toHistogram());
      } else {
        const change = floatChange(series, range, kind, smoothed);
        out.values[step] = kind.perSecond ? change / seconds : change;
        out.present[step] = FLOAT;
      }
    }
  };
}

/**
 * Returns which samples a window uses: from the last sample at or before its start to the last sample in the window.
 * With `smoothed`, the range extends to the first sample at or after its end.
 */
export function sampleRangeOf(
  series: Pick<WindowedSeries, "timestamps">,
  from: number,
  to: number,
  end: number,
  rangeMs: number,
  smoothed: boolean,
): SampleRange | undefined {
  const { timestamps } = series;
  const start = end - rangeMs;
  let last = to - 1;
  let first = firstSlot(timestamps, from, last, (time) => time > start) - 1;
  if (first < from) first = from;
  if (smoothed) last = firstSlot(timestamps, from, last, (time) => time >= end);
  return timestamps[last]! <= start ? undefined : { first, last, start, end };
}

/** Returns the first index in [from, to) of a sample whose time satisfies the condition, or `to`. */
export function firstSlot(
  timestamps: Float64Array,
  from: number,
  to: number,
  passes: (time: number) => boolean,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(timestamps[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Returns the values at the edges of a window. With `smoothed`, a value is interpolated between the samples around the
 * edge; otherwise it is the value of a sample.
 */
export function edgeValues(
  series: Pick<WindowedSeries, "timestamps" | "values">,
  { first, last, start, end }: SampleRange,
  counter: boolean,
  smoothed: boolean,
  from: number,
): { left: number; right: number } {
  const { timestamps: t, values: v } = series;
  const left =
    smoothed && t[first]! < start
      ? interpolate(t[first]!, v[first]!, t[first + 1]!, v[first + 1]!, start, counter)
      : v[first]!;
  const right =
    smoothed && last > from && t[last]! > end
      ? interpolate(t[last - 1]!, v[last - 1]!, t[last]!, v[last]!, end, counter)
      : v[last]!;
  return { left, right };
}

function floatChange(series: WindowedSeries, range: SampleRange, kind: RateKind, smoothed: boolean): number {
  const { left, right } = edgeValues(series, range, kind.counter, smoothed, range.first);
  let change = right - left;
  if (!kind.counter) return change;
  let { first, last } = range;
  if (series.timestamps[first]! <= range.start) first++;
  if (series.timestamps[last]! >= range.end) last--;
  let correction = 0;
  let before = left;
  for (let i = first; i <= last; i++) {
    if (series.values[i]! < before) correction += before;
    before = series.values[i]!;
  }
  if (right < before) correction += before;
  change += correction;
  return change;
}

function histogramChange(
  series: WindowedSeries,
  { first, last, start, end }: SampleRange,
  kind: RateKind,
  smoothed: boolean,
  annotations: RangeAnnotations,
): HistogramBuilder | undefined {
  const { timestamps: t, metricName: name } = series;
  const h = series.histograms as readonly FloatHistogram[];
  for (let i = first; i <= last; i++) {
    if (usesCustomBuckets(h[i]!) !== usesCustomBuckets(h[first]!)) {
      annotations.mixedSchemas(name);
      return undefined;
    }
    if (kind.counter && h[i]!.resetHint === "gauge") annotations.notCounter(name);
  }
  const between = (i: number, time: number): FloatHistogram | undefined =>
    interpolateHistograms(t[i]!, h[i]!, t[i + 1]!, h[i + 1]!, time, kind.counter, annotations, name);
  const left = smoothed && t[first]! < start ? between(first, start) : h[first]!;
  if (left === undefined) return undefined;
  const right = smoothed && last > first && t[last]! > end ? between(last - 1, end) : h[last]!;
  if (right === undefined) return undefined;
  if (!kind.counter && (left.resetHint !== "gauge" || right.resetHint !== "gauge")) annotations.notGauge(name);
  const change = new HistogramBuilder(right);
  if (!annotations.combine(change, left, "subtraction", name)) return undefined;
  if (!kind.counter) return change;
  const spanned = smoothed && t[first]! < start && detectReset(h[first + 1]!, h[first]!);
  return addLostBetween(
    h,
    spanned ? first + 2 : first + 1,
    last,
    spanned ? h[first + 1]! : left,
    right,
    change,
    annotations,
    name,
  );
}

/** Adds the values that a counter lost at resets: at the samples `from` … `last`-1, and at the end of the window. */
function addLostBetween(
  h: readonly FloatHistogram[],
  from: number,
  last: number,
  anchor: FloatHistogram,
  right: FloatHistogram,
  change: HistogramBuilder,
  annotations: RangeAnnotations,
  name: string,
): HistogramBuilder | undefined {
  if (from > last) return change;
  let before = anchor;
  let lost: HistogramBuilder | undefined;
  for (let i = from; i <= last; i++) {
    const next = i === last ? right : h[i]!;
    if (detectReset(next, before)) {
      if (lost === undefined) lost = new HistogramBuilder(before);
      else if (!annotations.combine(lost, before, "addition", name)) return undefined;
    }
    before = next;
  }
  if (lost !== undefined && !annotations.combine(change, lost.toHistogram(), "addition", name)) return undefined;
  return change;
}
