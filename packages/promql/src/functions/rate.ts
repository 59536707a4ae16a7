import {
  EMPTY_HISTOGRAM,
  type FloatHistogram,
  HistogramBuilder,
  detectReset,
  quote,
  usesCustomBuckets,
} from "@narthex/model";
import type { WindowedAggregates } from "../operators/aggregate-windows.ts";
import { FLOAT, type SeriesColumn } from "../operators/operator.ts";
import {
  type RangeCall,
  type RangeKernel,
  type RangeKernelFactory,
  type WindowedSpans,
  type WindowedSeries,
} from "../operators/window.ts";
import { windowEnd } from "../operators/window-slots.ts";
import { ratesOfAggregates } from "./aggregated-rates.ts";
import { extendedRate } from "./extended-rate.ts";
import { extrapolation } from "./extrapolation.ts";
import { FloatRates } from "./float-rates.ts";
import { isStartReset, startsOverlap } from "./start-timestamp.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { putHistogram, WindowContent } from "./window-content.ts";
import { HISTOGRAM_WORK } from "./histogram-over-time.ts";

/** Distinguishes the functions rate, increase and delta. */
export interface RateKind {
  readonly counter: boolean;
  readonly perSecond: boolean;
}

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

/** Computes rate, increase and delta: the change over a window, extrapolated to its ends. */
export const rateKernel =
  (kind: RateKind): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const compute =
      call.frame.mode === "plain" ? extrapolated(call, kind, annotations) : extendedRate(call, kind, annotations);
    if (!kind.counter) return compute;
    const { ofSpans, ofAggregates } = compute;
    const annotated: RangeKernel = (series, out) => {
      compute(series, out);
      annotateNonCounter(series, out, call);
    };
    if (ofSpans === undefined || ofAggregates === undefined) return annotated;
    return Object.assign(annotated, {
      ofSpans(series: WindowedSpans, out: SeriesColumn) {
        ofSpans(series, out);
        annotateNonCounter(series, out, call);
      },
      ofAggregates(series: WindowedAggregates, out: SeriesColumn) {
        ofAggregates(series, out);
        annotateNonCounter(series, out, call);
      },
    });
  };

/** Adds an info if a metric of floats is not a counter according to its name or type. */
function annotateNonCounter(
  series: Pick<WindowedSeries, "metricName" | "series">,
  out: SeriesColumn,
  call: RangeCall,
): void {
  const { features, annotations } = call.evaluation;
  if (!out.present.includes(FLOAT)) return;
  const name = series.metricName;
  if (features.typeAndUnitLabels) {
    const type = series.series.labels.get("__type__");
    if (type === "counter" || type === "histogram" || name === "") return;
    annotations.info(
      `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${quote(type)}: ${quote(name)}`,
      call.position,
    );
  } else if (name !== "" && !COUNTER_SUFFIX.test(name)) {
    annotations.info(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`,
      call.position,
    );
  }
}

/** Returns the indexes of the samples before which a counter was reset, in order. */
function resetSlots(series: WindowedSeries): number[] {
  const { values, timestamps, startTimestamps, histograms, count } = series;
  const slots: number[] = [];
  for (let i = 1; i < count; i++) {
    if (histograms?.[i] !== undefined || histograms?.[i - 1] !== undefined) continue;
    const fell = values[i]! < values[i - 1]!;
    if (
      fell ||
      (startTimestamps !== undefined &&
        isStartReset(startTimestamps[i - 1]!, timestamps[i - 1]!, startTimestamps[i]!, timestamps[i]!))
    ) {
      slots.push(i);
    }
  }
  return slots;
}

function extrapolated(call: RangeCall, kind: RateKind, annotations: RangeAnnotations): RangeKernel {
  const { frame } = call;
  call.held.add(FloatRates.BYTES * frame.grid.count);
  const floats = new FloatRates(frame, kind, (samples) => call.evaluation.checkDeadlineAfter(samples));
  const compute: RangeKernel = (series, out) => {
    const { from, to, values, startTimestamps } = series;
    // Handles nearly all series faster: those with only floats and without start timestamps.
    if (series.histograms === undefined && startTimestamps === undefined) {
      floats.ofColumns(series, out);
      return;
    }
    const content = new WindowContent(series);
    const resets = kind.counter ? resetSlots(series) : [];
    let nextReset = 0;
    for (let step = 0; step < from.length; step++) {
      const first = from[step]!;
      const last = to[step]! - 1;
      if (last < first) continue;
      const histograms = content.histograms(first, last + 1);
      if (histograms > 0 && histograms <= last - first) {
        annotations.mixed(series.metricName);
        continue;
      }
      const end = windowEnd(frame, step);
      call.evaluation.checkDeadlineAfter(Math.max(last - first, HISTOGRAM_WORK * histograms));
      if (histograms > 0) {
        histogramStep(series, first, last, end, call, kind, annotations, out, step);
        continue;
      }
      if (kind.counter && startTimestamps !== undefined) warnOfOverlap(series, first, last, annotations);
      let change = values[last]! - values[first]!;
      while (nextReset < resets.length && resets[nextReset]! <= first) nextReset++;
      for (let i = nextReset; i < resets.length && resets[i]! <= last; i++) change += values[resets[i]! - 1]!;
      const factor = extrapolationFactor(series, first, last, end, call, kind, change, values[first]!);
      if (factor === 0) continue;
      if (beganInside(series, first, end - frame.rangeMs, kind)) change += values[first]!;
      out.values[step] = change * factor;
      out.present[step] = FLOAT;
    }
  };
  return Object.assign(compute, {
    ofSpans: (series: WindowedSpans, out: SeriesColumn) => floats.ofSpans(series, out),
    ofAggregates: ratesOfAggregates(kind),
  });
}

function warnOfOverlap(series: WindowedSeries, first: number, last: number, annotations: RangeAnnotations): void {
  const { startTimestamps: starts, timestamps } = series;
  for (let i = first + 1; i <= last; i++) {
    if (!startsOverlap(starts![i - 1]!, timestamps[i - 1]!, starts![i]!)) continue;
    annotations.startTimeOverlap(series.metricName);
    return;
  }
}

/**
 * Returns whether the counter started within the window, before its first sample. The whole value of the first sample
 * is then an increase.
 */
function beganInside(
  { startTimestamps, timestamps }: WindowedSeries,
  first: number,
  start: number,
  kind: RateKind,
): boolean {
  const began = kind.counter ? (startTimestamps?.[first] ?? 0) : 0;
  return began !== 0 && began > start && began < timestamps[first]!;
}

/**
 * Returns the factor for extrapolation; for rate, it is divided by the seconds of the window. Returns 0 for a single
 * sample, unless the counter started within the window.
 */
function extrapolationFactor(
  series: WindowedSeries,
  first: number,
  last: number,
  end: number,
  call: RangeCall,
  kind: RateKind,
  change: number,
  firstValue: number,
): number {
  const { timestamps, startTimestamps } = series;
  const { rangeMs } = call.frame;
  const start = end - rangeMs;
  const began = beganInside(series, first, start, kind) ? startTimestamps![first]! : undefined;
  if (last === first && began === undefined) return 0;
  const [firstTime, lastTime, count] = [timestamps[first]!, timestamps[last]!, last - first + 1];
  const { counter, perSecond } = kind;
  const factor = extrapolation({ start, end, firstTime, lastTime, count, firstValue, change, counter, began });
  return perSecond ? factor / (rangeMs / 1000) : factor;
}

function histogramStep(
  series: WindowedSeries,
  first: number,
  last: number,
  end: number,
  call: RangeCall,
  kind: RateKind,
  annotations: RangeAnnotations,
  out: SeriesColumn,
  step: number,
): void {
  const firstHistogram = series.histograms![first]!;
  let change = last > first ? histogramChange(series, first, last, kind, annotations) : undefined;
  if (last > first && change === undefined) return;
  const factor = extrapolationFactor(series, first, last, end, call, kind, change?.count ?? 0, firstHistogram.count);
  if (factor === 0) return;
  if (beganInside(series, first, end - call.frame.rangeMs, kind)) {
    if (change === undefined) change = new HistogramBuilder(firstHistogram);
    else if (!annotations.combine(change, firstHistogram, "addition", series.metricName)) return;
  }
  putHistogram(out, step, change!.multiply(factor).toHistogram());
}

/**
 * Returns the difference between the last and the first histogram, plus the counts that were lost at counter resets.
 * Returns undefined if the buckets are incompatible.
 */
function histogramChange(
  series: WindowedSeries,
  first: number,
  last: number,
  kind: RateKind,
  annotations: RangeAnnotations,
): HistogramBuilder | undefined {
  const { metricName: name } = series;
  const histograms = series.histograms as readonly FloatHistogram[];
  const newest = histograms[last]!;
  const base = baseline(series, first, kind);
  const custom = usesCustomBuckets(base);
  const isGauge = ({ resetHint }: FloatHistogram): boolean => resetHint === "gauge";
  let schema = Math.min(newest.schema, base.schema);
  const endsFit = usesCustomBuckets(newest) === custom;
  let fits = endsFit;
  for (let i = first + 1; kind.counter && fits && i < last; i++) {
    schema = Math.min(schema, histograms[i]!.schema);
    fits = usesCustomBuckets(histograms[i]!) === custom;
  }
  if (!fits) {
    // Adds the annotation about gauges only if the first and the last histogram are incompatible with each other, as in
    // Prometheus. An incompatible histogram between them does not count.
    if (!endsFit && kind.counter && (isGauge(histograms[first]!) || isGauge(newest))) annotations.notCounter(name);
    annotations.mixedSchemas(name);
    return undefined;
  }
  if (kind.counter && histograms.slice(first, last + 1).some(isGauge)) annotations.notCounter(name);
  const change = new HistogramBuilder(newest).reduceTo(schema);
  if (!annotations.combine(change, base, "subtraction", name)) return undefined;
  if (kind.counter) {
    if (!addLostAtResets(series, first, last, base, change, annotations)) return undefined;
  } else if (histograms[first]!.resetHint !== "gauge" || newest.resetHint !== "gauge") {
    annotations.notGauge(name);
  }
  change.hint = "gauge";
  return change.compact();
}

/**
 * Returns the histogram that is subtracted from the last histogram. This is the first histogram, or an empty histogram
 * if the counter was reset directly after the first histogram.
 */
function baseline(series: WindowedSeries, first: number, kind: RateKind): FloatHistogram {
  const before = series.histograms![first]!;
  if (!kind.counter) return before;
  const second = series.histograms![first + 1]!;
  if (!histogramReset(series, first + 1, before)) return before;
  return { ...EMPTY_HISTOGRAM, schema: second.schema, customBounds: second.customBounds };
}

function histogramReset(series: WindowedSeries, slot: number, before: FloatHistogram): boolean {
  const { timestamps, startTimestamps: starts } = series;
  if (
    starts !== undefined &&
    isStartReset(starts[slot - 1]!, timestamps[slot - 1]!, starts[slot]!, timestamps[slot]!)
  ) {
    return true;
  }
  return detectReset(series.histograms![slot]!, before);
}

function addLostAtResets(
  series: WindowedSeries,
  first: number,
  last: number,
  base: FloatHistogram,
  change: HistogramBuilder,
  annotations: RangeAnnotations,
): boolean {
  if (series.startTimestamps !== undefined) warnOfOverlap(series, first, last, annotations);
  let before = base;
  for (let i = first + 1; i <= last; i++) {
    if (histogramReset(series, i, before) && !annotations.combine(change, before, "addition", series.metricName))
      return false;
    before = series.histograms![i]!;
  }
  return true;
}
