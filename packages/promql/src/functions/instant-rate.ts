import { detectReset, HistogramBuilder } from "@narthex/model";
import { FLOAT } from "../operators/operator.ts";
import { timesAt, valuesAt } from "../operators/span-windows.ts";
import type { RangeKernel, RangeKernelFactory, WindowedSeries } from "../operators/window.ts";
import { isStartReset } from "./start-timestamp.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { putHistogram } from "./window-content.ts";

/** Makes irate (change per second of a counter) and idelta (difference), from the last two samples of a window. */
export const instantRateKernel =
  (rate: boolean): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const kernel: RangeKernel = (series, out) => {
      const { timestamps, values, histograms, from, to } = series;
      for (let step = 0; step < from.length; step++) {
        const last = to[step]! - 1;
        const before = last - 1;
        if (before < from[step]!) continue;
        const seconds = (timestamps[last]! - timestamps[before]!) / 1000;
        if (seconds === 0) continue;
        const newest = histograms?.[last];
        const older = histograms?.[before];
        if (newest === undefined && older === undefined) {
          const reset = rate && (values[last]! < values[before]! || startReset(series, last));
          const change = reset ? values[last]! : values[last]! - values[before]!;
          out.values[step] = rate ? change / seconds : change;
          out.present[step] = FLOAT;
        } else if (newest === undefined || older === undefined) {
          annotations.mixed(series.metricName);
        } else {
          const change = histogramChange(series, last, rate, annotations);
          if (change !== undefined) putHistogram(out, step, (rate ? change.divide(seconds) : change).toHistogram());
        }
      }
    };
    // Counts the memory of the result: four columns of 8 bytes for each evaluation time.
    call.held.add(32 * call.frame.grid.count);
    return Object.assign(kernel, { ofSpans: lastTwoOfSpans(rate, call.frame.grid.count) });
  };

function lastTwoOfSpans(rate: boolean, steps: number): NonNullable<RangeKernel["ofSpans"]> {
  const column = (): Float64Array => new Float64Array(steps);
  const [values, times, valuesBefore, timesBefore] = [column(), column(), column(), column()];
  let layout = -1;
  return ({ spans, windows }, out) => {
    const { from, to } = windows;
    if (layout !== windows.layout) {
      timesAt(spans, to, -1, times);
      timesAt(spans, to, -2, timesBefore);
      layout = windows.layout;
    }
    valuesAt(spans, to, -1, values);
    valuesAt(spans, to, -2, valuesBefore);
    for (let step = 0; step < from.length; step++) {
      if (to[step]! - from[step]! < 2) continue;
      const seconds = (times[step]! - timesBefore[step]!) / 1000;
      if (seconds === 0) continue;
      const [value, before] = [values[step]!, valuesBefore[step]!];
      const change = rate && value < before ? value : value - before;
      out.values[step] = rate ? change / seconds : change;
      out.present[step] = FLOAT;
    }
  };
}

function startReset({ startTimestamps: starts, timestamps }: WindowedSeries, slot: number): boolean {
  return (
    starts !== undefined && isStartReset(starts[slot - 1]!, timestamps[slot - 1]!, starts[slot]!, timestamps[slot]!)
  );
}

function histogramChange(
  series: WindowedSeries,
  last: number,
  rate: boolean,
  annotations: RangeAnnotations,
): HistogramBuilder | undefined {
  const newest = series.histograms![last]!;
  const older = series.histograms![last - 1]!;
  const gauges = (newest.resetHint === "gauge" ? 1 : 0) + (older.resetHint === "gauge" ? 1 : 0);
  if (rate && gauges > 0) annotations.notCounter(series.metricName);
  if (!rate && gauges < 2) annotations.notGauge(series.metricName);
  const change = new HistogramBuilder(newest);
  const reset = rate && (startReset(series, last) || detectReset(newest, older));
  if (!reset && !annotations.combine(change, older, "subtraction", series.metricName)) return undefined;
  change.hint = "gauge";
  return change.compact();
}
