import { FLOAT, type SeriesColumn } from "../operators/operator.ts";
import type { RangeCall, RangeKernelFactory, WindowedSeries } from "../operators/window.ts";
import { KahanSum } from "./kahan.ts";
import { isQuantile, quantileOfRanks, quantileOfSorted, quantileWarning, sortNanFirst } from "./quantile.ts";
import { SortedWindow } from "./sorted-window.ts";
import { stretchSums } from "./exact-sums.ts";
import { type StretchVariances, stretchVariances, varianceOf } from "./variance.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { averageHistogram, sumHistograms } from "./histogram-over-time.ts";
import { type FloatsOnly, floatsOnly, overlapsMuch, putHistogram, WindowContent } from "./window-content.ts";

/** A number from the floats of a window, slots from … to-1. */
type WindowFunction = (floats: FloatsOnly, from: number, to: number, step: number) => number;

/** Functions that ignore histograms beside floats, with a remark, and say nothing where there are only histograms. */
const overFloats =
  (make: (call: RangeCall) => WindowFunction): RangeKernelFactory =>
  (call) => {
    const remarks = new RangeAnnotations(call.evaluation, call.position);
    const compute = make(call);
    return (series, out) => {
      const floats = floatsOnly(series);
      for (let step = 0; step < out.present.length; step++) {
        const from = floats.from[step]!;
        const to = floats.to[step]!;
        if (from >= to) continue;
        if (floats.ignored?.[step] === 1) remarks.histogramsIgnored(series.metricName);
        out.values[step] = compute(floats, from, to, step);
        out.present[step] = FLOAT;
      }
    };
  };

const sum = new KahanSum();

function sumOfWindow({ values }: Pick<WindowedSeries, "values">, from: number, to: number): number {
  sum.reset();
  for (let i = from; i < to; i++) sum.add(values[i]!);
  return Math.abs(sum.sum) === Infinity ? sum.sum : sum.total;
}

/** The mean as sum by count, or step by step from where the sum would overflow. */
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

/** sum and avg: floats or histograms, but not both in one window. */
const summing =
  (
    floats: FloatWindow,
    ofSum: (sum: number, count: number) => number,
    histograms: typeof sumHistograms,
  ): RangeKernelFactory =>
  (call) => {
    const remarks = new RangeAnnotations(call.evaluation, call.position);
    return (series, out) => {
      const content = new WindowContent(series);
      const sums =
        series.histograms === undefined && overlapsMuch(series) ? stretchSums(series.values, series.count) : undefined;
      for (let step = 0; step < out.present.length; step++) {
        const from = series.from[step]!;
        const to = series.to[step]!;
        if (from >= to) continue;
        const native = content.histograms(from, to);
        if (native === 0) {
          const known = sums?.sum(from, to);
          out.values[step] = known === undefined ? floats(series, from, to) : ofSum(known, to - from);
          out.present[step] = FLOAT;
        } else if (native < to - from) {
          remarks.mixed(series.metricName);
        } else {
          const result = histograms(series, from, to, remarks);
          if (result !== undefined) putHistogram(out, step, result);
        }
      }
    };
  };

export const sumOverTimeKernel: RangeKernelFactory = summing(sumOfWindow, (sum) => sum, sumHistograms);
export const avgOverTimeKernel: RangeKernelFactory = summing(
  averageOfWindow,
  (sum, count) => sum / count,
  averageHistogram,
);

/** Functions of the number and place of samples, whatever their kind. */
const ofSlots =
  (compute: (series: WindowedSeries, from: number, to: number) => number): RangeKernelFactory =>
  () =>
  (series, out) => {
    for (let step = 0; step < out.present.length; step++) {
      const from = series.from[step]!;
      const to = series.to[step]!;
      if (from >= to) continue;
      out.values[step] = compute(series, from, to);
      out.present[step] = FLOAT;
    }
  };

export const countOverTimeKernel: RangeKernelFactory = ofSlots((_, from, to) => to - from);
export const presentOverTimeKernel: RangeKernelFactory = ofSlots(() => 1);
export const tsOfFirstOverTimeKernel: RangeKernelFactory = ofSlots(({ timestamps }, from) => timestamps[from]! / 1000);
export const tsOfLastOverTimeKernel: RangeKernelFactory = ofSlots(
  ({ timestamps }, _, to) => timestamps[to - 1]! / 1000,
);

/** first_over_time and last_over_time: the sample itself. */
const picking =
  (slotOf: (from: number, to: number) => number): RangeKernelFactory =>
  () =>
  (series, out) => {
    for (let step = 0; step < out.present.length; step++) {
      const from = series.from[step]!;
      const to = series.to[step]!;
      if (from < to) pick(series, slotOf(from, to), out, step);
    }
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

export const firstOverTimeKernel: RangeKernelFactory = picking((from) => from);
export const lastOverTimeKernel: RangeKernelFactory = picking((_, to) => to - 1);

/** Which of two values a kernel looks for: `sign` 1 the larger, -1 the smaller; of equal ones the `later` or the first. */
interface Contest {
  readonly sign: 1 | -1;
  readonly later: boolean;
}

/** Does a candidate push the champion before it out? NaN loses to any number. */
function wins(candidate: number, champion: number, { sign, later }: Contest): boolean {
  return sign * candidate > sign * champion || (later && candidate === champion) || Number.isNaN(champion);
}

/** The best slots of sliding windows in time linear in the samples: a queue of slots, each better than all behind it. */
class BestSlots {
  readonly #contest: Contest;
  #queue = new Int32Array(64);
  #head = 0;
  #tail = 0;
  #seen = 0;

  constructor(contest: Contest) {
    this.#contest = contest;
  }

  /** Windows of another series follow. */
  begin(count: number): void {
    if (this.#queue.length < count) this.#queue = new Int32Array(count * 2);
    this.#head = this.#tail = this.#seen = 0;
  }

  /** The best of slots from … to-1; neither may ever go back. */
  of(values: Float64Array, from: number, to: number): number {
    const queue = this.#queue;
    let tail = this.#tail;
    for (let slot = Math.max(this.#seen, from); slot < to; slot++) {
      while (tail > this.#head && wins(values[slot]!, values[queue[tail - 1]!]!, this.#contest)) tail--;
      queue[tail++] = slot;
    }
    this.#tail = tail;
    this.#seen = to;
    while (queue[this.#head]! < from) this.#head++;
    return queue[this.#head]!;
  }
}

const extreme =
  (contest: Contest, timestamp: boolean): RangeKernelFactory =>
  (call) => {
    const remarks = new RangeAnnotations(call.evaluation, call.position);
    const best = new BestSlots(contest);
    return (series, out) => {
      const floats = floatsOnly(series);
      const { values, timestamps, from, to } = floats;
      best.begin(floats.count);
      for (let step = 0; step < out.present.length; step++) {
        if (from[step]! >= to[step]!) continue;
        if (floats.ignored?.[step] === 1) remarks.histogramsIgnored(series.metricName);
        const slot = best.of(values, from[step]!, to[step]!);
        out.values[step] = timestamp ? timestamps[slot]! / 1000 : values[slot]!;
        out.present[step] = FLOAT;
      }
    };
  };

export const maxOverTimeKernel: RangeKernelFactory = extreme({ sign: 1, later: false }, false);
export const minOverTimeKernel: RangeKernelFactory = extreme({ sign: -1, later: false }, false);
export const tsOfMaxOverTimeKernel: RangeKernelFactory = extreme({ sign: 1, later: true }, true);
export const tsOfMinOverTimeKernel: RangeKernelFactory = extreme({ sign: -1, later: true }, true);

/** stddev and stdvar. */
const varying = (root: boolean): RangeKernelFactory => {
  const result = (variance: number): number => (root ? Math.sqrt(variance) : variance);
  return overFloats(() => {
    let prepared: FloatsOnly | undefined;
    let variances: StretchVariances | undefined;
    return (floats, from, to) => {
      if (floats !== prepared) {
        prepared = floats;
        variances = overlapsMuch(floats) ? stretchVariances(floats.values, floats.count) : undefined;
      }
      return result(variances?.(from, to) ?? varianceOf(floats.values, from, to));
    };
  });
};

export const stdvarOverTimeKernel: RangeKernelFactory = varying(false);
export const stddevOverTimeKernel: RangeKernelFactory = varying(true);

/** Keeps the window in order while it slides; a window that moves on entirely starts anew. */
const slidingQuantile: RangeKernelFactory = overFloats((call) => {
  const window = new SortedWindow();
  let series: FloatsOnly | undefined;
  let low = 0;
  let high = 0;
  return (floats, from, to, step) => {
    const q = call.scalars[0]![step]!;
    if (!isQuantile(q)) call.evaluation.annotations.warn(quantileWarning(q), call.scalarPosition);
    if (floats !== series || from >= high) {
      window.clear();
      series = floats;
      low = high = from;
    }
    for (; low < from; low++) window.remove(floats.values[low]!);
    for (; high < to; high++) window.add(floats.values[high]!);
    return quantileOfRanks(q, window.count, (rank) => window.at(rank));
  };
});

/** All its remarks point at the first argument, which is the quantile. */
export const quantileOverTimeKernel: RangeKernelFactory = (call) =>
  slidingQuantile({ ...call, position: call.scalarPosition });

export const madOverTimeKernel: RangeKernelFactory = overFloats(() => ({ values }, from, to) => {
  const window = sortNanFirst(values.slice(from, to));
  if (Number.isNaN(window[0]!)) return NaN;
  const median = quantileOfSorted(0.5, window);
  return quantileOfSorted(0.5, sortNanFirst(window.map((value) => Math.abs(value - median))));
});
