import { FLOAT, type SeriesColumn } from "../operators/operator.ts";
import { valuesAt, type WindowBounds } from "../operators/span-windows.ts";
import type { RangeCall, RangeKernel, RangeKernelFactory, WindowedSpans, WindowedSeries } from "../operators/window.ts";
import {
  averageOfAggregates,
  countOfAggregates,
  firstOfAggregates,
  lastOfAggregates,
  maxOfAggregates,
  minOfAggregates,
  presentOfAggregates,
  sumOfAggregates,
} from "./aggregated-windows.ts";
import { KahanSum } from "./kahan.ts";
import { isQuantile, quantileOfRanks, quantileOfSorted, quantileWarning, sortNanFirst } from "./quantile.ts";
import { SortedWindow } from "./sorted-window.ts";
import { PrefixSums } from "./prefix-sums.ts";
import { PrefixSumVariance, varianceOf } from "./variance.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { averageHistogram, HISTOGRAM_WORK, sumHistograms } from "./histogram-over-time.ts";
import { type FloatsOnly, floatsOnly, windowsOverlap, putHistogram, WindowContent } from "./window-content.ts";

/**
 * Computes a number from the float samples of a window. The samples have the indexes from `from` up to but not
 * including `to`.
 */
type WindowFunction = (floats: FloatsOnly, from: number, to: number, step: number) => number;

/** Makes a range function that ignores histograms. A window with both floats and histograms adds an info. */
const overFloats =
  (make: (call: RangeCall) => WindowFunction): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const compute = make(call);
    return (series, out) => {
      const floats = floatsOnly(series);
      for (let step = 0; step < out.present.length; step++) {
        const from = floats.from[step]!;
        const to = floats.to[step]!;
        if (from >= to) continue;
        if (floats.ignored?.[step] === 1) annotations.histogramsIgnored(series.metricName);
        call.evaluation.checkDeadlineAfter(to - from);
        out.values[step] = compute(floats, from, to, step);
        out.present[step] = FLOAT;
      }
    };
  };

const sum = new KahanSum();

/** Returns the sum of a window with compensated summation, like KahanSum. */
function sumOfWindow({ values }: Pick<WindowedSeries, "values">, from: number, to: number): number {
  let soFar = 0;
  let compensation = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const total = soFar + value;
    if (Math.abs(total) === Infinity) compensation = 0;
    else if (Math.abs(soFar) >= Math.abs(value)) compensation += soFar - total + value;
    else compensation += value - total + soFar;
    soFar = total;
  }
  return Math.abs(soFar) === Infinity ? soFar : soFar + compensation;
}

/** Returns the mean of a window: the sum divided by the count, or an incremental mean if the sum would overflow. */
function averageOfWindow({ values }: Pick<WindowedSeries, "values">, from: number, to: number): number {
  sum.reset(values[from]);
  for (let i = from + 1; i < to; i++) {
    const { sum: soFar, compensation } = sum;
    sum.add(values[i]!);
    if (Math.abs(sum.sum) !== Infinity) continue;
    const count = i - from;
    return incrementalMean(values, i, to, from, soFar / count, compensation / count);
  }
  const count = to - from;
  return sum.sum / count + sum.compensation / count;
}

function incrementalMean(
  values: Float64Array,
  at: number,
  to: number,
  from: number,
  mean: number,
  compensation: number,
): number {
  sum.sum = mean;
  sum.compensation = compensation;
  for (let i = at; i < to; i++) {
    const count = i - from + 1;
    const share = (count - 1) / count;
    sum.sum *= share;
    sum.compensation *= share;
    sum.add(values[i]! / count);
  }
  return sum.total;
}

type FloatWindow = (series: WindowedSeries, from: number, to: number) => number;

/**
 * Makes sum_over_time and avg_over_time, for windows of only floats or only histograms. A window with both has no
 * result.
 */
const summing =
  (
    floats: FloatWindow,
    ofSum: (sum: number, count: number) => number,
    histograms: typeof sumHistograms,
    ofAggregates: NonNullable<RangeKernel["ofAggregates"]>,
  ): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const prefixSums = new PrefixSums();
    const kernel = (series: WindowedSeries, out: SeriesColumn): void => {
      const content = new WindowContent(series);
      const known =
        series.histograms === undefined && windowsOverlap(series) && prefixSums.build(series.values, series.count);
      for (let step = 0; step < out.present.length; step++) {
        const from = series.from[step]!;
        const to = series.to[step]!;
        if (from >= to) continue;
        const native = content.histograms(from, to);
        call.evaluation.checkDeadlineAfter(native === 0 ? to - from : HISTOGRAM_WORK * native);
        if (native === 0) {
          const total = known ? prefixSums.sum(from, to) : undefined;
          out.values[step] = total === undefined ? floats(series, from, to) : ofSum(total, to - from);
          out.present[step] = FLOAT;
        } else if (native < to - from) {
          annotations.mixed(series.metricName);
        } else {
          const result = histograms(series, from, to, annotations);
          if (result !== undefined) putHistogram(out, step, result);
        }
      }
    };
    return Object.assign(kernel, { ofAggregates });
  };

export const sumOverTimeKernel: RangeKernelFactory = summing(sumOfWindow, (sum) => sum, sumHistograms, sumOfAggregates);
export const avgOverTimeKernel: RangeKernelFactory = summing(
  averageOfWindow,
  (sum, count) => sum / count,
  averageHistogram,
  averageOfAggregates,
);

/** Makes a range function that needs only the number of samples in a window and their kinds. */
const ofWindow =
  (compute: (from: number, to: number) => number, more: Pick<RangeKernel, "ofAggregates"> = {}): RangeKernelFactory =>
  () => {
    const kernel = ({ from, to }: WindowBounds, { present, values }: SeriesColumn): void => {
      for (let step = 0; step < present.length; step++) {
        if (from[step]! >= to[step]!) continue;
        values[step] = compute(from[step]!, to[step]!);
        present[step] = FLOAT;
      }
    };
    return Object.assign((series: WindowedSeries, out: SeriesColumn) => kernel(series, out), {
      ofSpans: ({ windows }: WindowedSpans, out: SeriesColumn) => kernel(windows, out),
      ...more,
    });
  };

export const countOverTimeKernel: RangeKernelFactory = ofWindow((from, to) => to - from, {
  ofAggregates: countOfAggregates,
});
export const presentOverTimeKernel: RangeKernelFactory = ofWindow(() => 1, { ofAggregates: presentOfAggregates });

/** Makes a range function that returns the time of one sample of the window. The sample is a float or a histogram. */
const ofTime =
  (slotOf: (from: number, to: number) => number): RangeKernelFactory =>
  () =>
  ({ timestamps, from, to }, out) => {
    for (let step = 0; step < out.present.length; step++) {
      if (from[step]! >= to[step]!) continue;
      out.values[step] = timestamps[slotOf(from[step]!, to[step]!)]! / 1000;
      out.present[step] = FLOAT;
    }
  };

export const tsOfFirstOverTimeKernel: RangeKernelFactory = ofTime((from) => from);
export const tsOfLastOverTimeKernel: RangeKernelFactory = ofTime((_, to) => to - 1);

/** Returns the implementation of first_over_time or last_over_time. */
const picking =
  (end: "first" | "last"): RangeKernelFactory =>
  () => {
    const kernel = (series: WindowedSeries, out: SeriesColumn): void => {
      const { from, to } = series;
      for (let step = 0; step < from.length; step++)
        if (from[step]! < to[step]!) pick(series, end === "first" ? from[step]! : to[step]! - 1, out, step);
    };
    return Object.assign(kernel, {
      ofAggregates: end === "first" ? firstOfAggregates : lastOfAggregates,
      ofSpans({ spans, windows }: WindowedSpans, { present, values }: SeriesColumn) {
        const { from, to } = windows;
        if (end === "first") valuesAt(spans, from, 0, values);
        else valuesAt(spans, to, -1, values);
        for (let step = 0; step < from.length; step++) {
          if (from[step]! < to[step]!) present[step] = FLOAT;
          else values[step] = 0;
        }
      },
    });
  };

function pick(series: WindowedSeries, slot: number, out: SeriesColumn, step: number): void {
  const histogram = series.histograms?.[slot];
  if (histogram !== undefined) {
    putHistogram(out, step, histogram);
    return;
  }
  out.values[step] = series.values[slot]!;
  out.present[step] = FLOAT;
}

export const firstOverTimeKernel: RangeKernelFactory = picking("first");
export const lastOverTimeKernel: RangeKernelFactory = picking("last");

/**
 * Determines which of two values a function prefers: the larger value if `sign` is 1, the smaller if -1. If the values
 * are equal, prefers the last if `later` is true, otherwise the first.
 */
interface Preference {
  readonly sign: 1 | -1;
  readonly later: boolean;
}

/** Returns whether a candidate is preferred to the best earlier value. Every number is preferred to NaN. */
function wins(candidate: number, best: number, { sign, later }: Preference): boolean {
  return sign * candidate > sign * best || (later && candidate === best) || Number.isNaN(best);
}

/** Returns the index of the best value among the indexes from `from` up to but not including `to`. */
function bestSlot(values: Float64Array, from: number, to: number, preference: Preference): number {
  const { sign, later } = preference;
  let slot = from;
  let best = sign * values[from]!;
  for (let i = from + 1; i < to; i++) {
    const value = sign * values[i]!;
    if (value > best || (later && value === best) || Number.isNaN(best)) {
      best = value;
      slot = i;
    }
  }
  return slot;
}

/**
 * Finds the best value of each sliding window in linear time. Uses a queue of indexes in which each value is better
 * than all later values.
 */
class BestSlots {
  readonly #preference: Preference;
  #queue = new Int32Array(64);

  constructor(preference: Preference) {
    this.#preference = preference;
  }

  /** Calls `visit` with the index of the best value for each window that is not empty. */
  forEach({ values, count, from, to }: FloatsOnly, visit: (step: number, slot: number) => void): void {
    if (this.#queue.length < count) this.#queue = new Int32Array(count * 2);
    const queue = this.#queue;
    let [head, tail, seen, leaves] = [0, 0, 0, 0];
    for (let step = 0; step < from.length; step++) {
      const [begin, end] = [from[step]!, to[step]!];
      if (begin >= end) continue;
      for (let slot = Math.max(seen, begin); slot < end;) {
        while (leaves < from.length && from[leaves]! <= slot) leaves++;
        const together = leaves < from.length ? Math.min(end, from[leaves]!) : end;
        const best = bestSlot(values, slot, together, this.#preference);
        while (tail > head && wins(values[best]!, values[queue[tail - 1]!]!, this.#preference)) tail--;
        queue[tail++] = best;
        slot = together;
      }
      seen = end;
      while (queue[head]! < begin) head++;
      visit(step, queue[head]!);
    }
  }
}

const extreme =
  (preference: Preference, timestamp: boolean, more: Pick<RangeKernel, "ofAggregates"> = {}): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const best = new BestSlots(preference);
    const kernel = (series: WindowedSeries, out: SeriesColumn): void => {
      const floats = floatsOnly(series);
      const { values, timestamps, ignored } = floats;
      best.forEach(floats, (step, slot) => {
        if (ignored?.[step] === 1) annotations.histogramsIgnored(series.metricName);
        out.values[step] = timestamp ? timestamps[slot]! / 1000 : values[slot]!;
        out.present[step] = FLOAT;
      });
    };
    return Object.assign(kernel, more);
  };

export const maxOverTimeKernel: RangeKernelFactory = extreme({ sign: 1, later: false }, false, {
  ofAggregates: maxOfAggregates,
});
export const minOverTimeKernel: RangeKernelFactory = extreme({ sign: -1, later: false }, false, {
  ofAggregates: minOfAggregates,
});
export const tsOfMaxOverTimeKernel: RangeKernelFactory = extreme({ sign: 1, later: true }, true);
export const tsOfMinOverTimeKernel: RangeKernelFactory = extreme({ sign: -1, later: true }, true);

const varying = (root: boolean): RangeKernelFactory => {
  const result = (variance: number): number => (root ? Math.sqrt(variance) : variance);
  return overFloats(() => {
    let prepared: FloatsOnly | undefined;
    let known = false;
    const variances = new PrefixSumVariance();
    return (floats, from, to) => {
      if (floats !== prepared) {
        prepared = floats;
        known = windowsOverlap(floats) && variances.build(floats.values, floats.count);
      }
      return result((known ? variances.of(from, to) : undefined) ?? varianceOf(floats.values, from, to));
    };
  });
};

export const stdvarOverTimeKernel: RangeKernelFactory = varying(false);
export const stddevOverTimeKernel: RangeKernelFactory = varying(true);

/**
 * Makes quantile_over_time. Keeps the values of the window sorted while the window slides. Sorts the values again if a
 * window shares no samples with the previous one.
 */
const slidingQuantile: RangeKernelFactory = overFloats((call) => {
  const window = new SortedWindow();
  let series: FloatsOnly | undefined;
  return (floats, from, to, step) => {
    const q = call.scalars[0]![step]!;
    if (!isQuantile(q)) call.evaluation.annotations.warn(quantileWarning(q), call.scalarPosition);
    if (floats !== series) window.begin(floats.values);
    series = floats;
    window.moveTo(from, to);
    return quantileOfRanks(q, window.count, (rank) => window.at(rank));
  };
});

/** Makes quantile_over_time. All of its warnings and infos refer to the first argument, the quantile φ. */
export const quantileOverTimeKernel: RangeKernelFactory = (call) =>
  slidingQuantile({ ...call, position: call.scalarPosition });

export const madOverTimeKernel: RangeKernelFactory = overFloats(() => ({ values }, from, to) => {
  const window = sortNanFirst(values.slice(from, to));
  if (Number.isNaN(window[0]!)) return NaN;
  const median = quantileOfSorted(0.5, window);
  return quantileOfSorted(0.5, sortNanFirst(window.map((value) => Math.abs(value - median))));
});
