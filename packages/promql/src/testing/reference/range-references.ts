import {
  combine,
  countOf,
  isHistogram,
  type Plain,
  type PlainHistogram,
  type PlainSample,
  scaled,
  total,
} from "./plain.ts";

/** Evaluation time and length of a window, and the scalar arguments of the function. */
interface PlainWindow {
  /** Evaluation time, ms. The window ends at this time. */
  readonly time: number;
  readonly rangeMs: number;
  /** Values of the scalar arguments. */
  readonly scalars: readonly number[];
}

/** Reference implementation of a range function. Returns undefined if the function has no result. */
export type RangeReference = (window: readonly PlainSample[], at: PlainWindow) => Plain | undefined;

type FloatReference = (values: readonly number[], times: readonly number[], at: PlainWindow) => number | undefined;

/** Makes a reference implementation of a range function that ignores histograms. */
const ofFloats =
  (reference: FloatReference): RangeReference =>
  (window, at) => {
    const floats = window.filter(({ value }) => !isHistogram(value));
    if (floats.length === 0) return undefined;
    const values = floats.map(({ value }) => value as number);
    const times = floats.map(({ time }) => time);
    return reference(values, times, at);
  };

/** Makes a reference implementation of a range function for floats or histograms. A window with both has no result. */
const unmixed =
  (floats: FloatReference, histograms: RangeReference): RangeReference =>
  (window, at) => {
    const native = window.filter(({ value }) => isHistogram(value)).length;
    if (native === 0) return ofFloats(floats)(window, at);
    return native < window.length ? undefined : histograms(window, at);
  };

const histogramsOf = (window: readonly PlainSample[]): PlainHistogram[] =>
  window.map(({ value }) => value as PlainHistogram);
const sumOfHistograms = (window: readonly PlainSample[]): PlainHistogram =>
  histogramsOf(window).reduce((a, b) => combine(a, b, (x, y) => x + y));

const mean = (values: readonly number[]): number => total(values) / values.length;
export const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

/** Returns the largest or smallest value, as chosen by `pick`. The result is NaN only if all values are NaN. */
export function best(values: readonly number[], pick: (...numbers: number[]) => number): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? NaN : pick(...numbers);
}

export function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const sorted = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a < b ? -1 : a > b ? 1 : 0));
  const rank = q * (sorted.length - 1);
  const low = Math.max(0, Math.floor(rank));
  const high = Math.min(sorted.length - 1, low + 1);
  const weight = rank - Math.floor(rank);
  return sorted[low]! * (1 - weight) + sorted[high]! * weight;
}

/** Returns whether a value fell. A histogram fell if any bucket fell. */
const isReset = (before: Plain, after: Plain): boolean =>
  isHistogram(before) && isHistogram(after)
    ? after.buckets.some((count, i) => count < before.buckets[i]!) || countOf(after) < countOf(before)
    : (after as number) < (before as number);

const plus = (a: Plain, b: Plain): Plain =>
  isHistogram(a) ? combine(a, b as PlainHistogram, (x, y) => x + y) : a + (b as number);
const minus = (a: Plain, b: Plain): Plain =>
  isHistogram(a) ? combine(a, b as PlainHistogram, (x, y) => x - y) : a - (b as number);
const times = (a: Plain, factor: number): Plain => (isHistogram(a) ? scaled(a, factor) : a * factor);
const magnitude = (value: Plain): number => (isHistogram(value) ? countOf(value) : value);

/**
 * Reference implementation of rate, increase and delta: the change from the first to the last sample, extrapolated
 * towards the edges of the window.
 */
const extrapolated =
  (counter: boolean, perSecond: boolean): RangeReference =>
  (window, { time, rangeMs }) => {
    const native = window.filter(({ value }) => isHistogram(value)).length;
    if (window.length < 2 || (native !== 0 && native < window.length)) return undefined;
    const [first, last] = [window[0]!, window.at(-1)!];
    let change = minus(last.value, first.value);
    for (let i = 1; i < window.length; i++) {
      if (counter && isReset(window[i - 1]!.value, window[i]!.value)) change = plus(change, window[i - 1]!.value);
    }
    const sampled = (last.time - first.time) / 1000;
    const distance = sampled / (window.length - 1);
    let before = (first.time - (time - rangeMs)) / 1000;
    let after = (time - last.time) / 1000;
    if (before >= distance * 1.1) before = distance / 2;
    if (counter && magnitude(change) > 0 && magnitude(first.value) >= 0)
      before = Math.min(before, sampled * (magnitude(first.value) / magnitude(change)));
    if (after >= distance * 1.1) after = distance / 2;
    const factor = (sampled + before + after) / sampled / (perSecond ? rangeMs / 1000 : 1);
    return times(change, factor);
  };

/** Reference implementation of irate and idelta, which use the last two samples. */
const instant =
  (counter: boolean): RangeReference =>
  (window) => {
    const [before, last] = window.slice(-2);
    if (before === undefined || last === undefined || isHistogram(before.value) !== isHistogram(last.value))
      return undefined;
    const reset = counter && isReset(before.value, last.value);
    const change = reset ? last.value : minus(last.value, before.value);
    return counter ? times(change, 1000 / (last.time - before.time)) : change;
  };

const line =
  (result: (slope: number, valueAt: (time: number) => number, at: PlainWindow) => number): FloatReference =>
  (values, at, where) => {
    if (values.length < 2) return undefined;
    if (values.every((value) => value === values[0]))
      return Number.isFinite(values[0]!) ? result(0, () => values[0]!, where) : NaN;
    const seconds = at.map((time) => time / 1000);
    const [x, y] = [mean(seconds), mean(values)];
    const covariance = total(seconds.map((second, i) => (second - x) * (values[i]! - y)));
    const slope = covariance / total(seconds.map((second) => (second - x) ** 2));
    return result(slope, (time) => y + slope * (time / 1000 - x), where);
  };

const smooth: FloatReference = (values, _, { scalars }) => {
  if (values.length < 2) return undefined;
  const [level, trend] = [scalars[0]!, scalars[1]!];
  let before = 0;
  let now = values[0]!;
  let slope = values[1]! - values[0]!;
  for (let i = 1; i < values.length; i++) {
    if (i > 1) slope = trend * (now - before) + (1 - trend) * slope;
    [before, now] = [now, level * values[i]! + (1 - level) * (now + slope)];
  }
  return now;
};

/**
 * Makes a reference implementation of a function that returns the time of a sample. The last of several equally good
 * samples counts.
 */
const timeOf =
  (beats: (a: number, b: number) => boolean): FloatReference =>
  (values, times) => {
    let found = 0;
    values.forEach((value, i) => {
      if (beats(value, values[found]!) || Number.isNaN(values[found]!)) found = i;
    });
    return times[found]! / 1000;
  };

const same = (a: Plain, b: Plain): boolean =>
  isHistogram(a) && isHistogram(b)
    ? a.sum === b.sum && a.buckets.every((count, i) => count === b.buckets[i])
    : Object.is(a, b) || a === b;

const count =
  (test: (before: Plain, after: Plain) => boolean): RangeReference =>
  (window) =>
    window.length === 0
      ? undefined
      : window.filter(({ value }, i) => {
          if (i === 0) return false;
          const before = window[i - 1]!.value;
          return isHistogram(before) !== isHistogram(value) || test(before, value);
        }).length;

const anyOf =
  (reference: (window: readonly PlainSample[]) => Plain): RangeReference =>
  (window) =>
    window.length === 0 ? undefined : reference(window);

/** Reference implementations of all range functions, by name. */
export const RANGE_REFERENCES: Readonly<Record<string, RangeReference>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: instant(true),
  idelta: instant(false),
  deriv: ofFloats(line((slope) => slope)),
  predict_linear: ofFloats(line((_, valueAt, { time, scalars }) => valueAt(time + scalars[0]! * 1000))),
  double_exponential_smoothing: ofFloats(smooth),
  sum_over_time: unmixed(total, sumOfHistograms),
  avg_over_time: unmixed(mean, (window) => scaled(sumOfHistograms(window), 1 / window.length)),
  min_over_time: ofFloats((values) => best(values, Math.min)),
  max_over_time: ofFloats((values) => best(values, Math.max)),
  stdvar_over_time: ofFloats(variance),
  stddev_over_time: ofFloats((values) => Math.sqrt(variance(values))),
  quantile_over_time: ofFloats((values, _, { scalars }) => quantile(scalars[0]!, values)),
  mad_over_time: ofFloats((values) => {
    if (values.some(Number.isNaN)) return NaN;
    const median = quantile(0.5, values);
    return quantile(
      0.5,
      values.map((value) => Math.abs(value - median)),
    );
  }),
  ts_of_max_over_time: ofFloats(timeOf((a, b) => a >= b)),
  ts_of_min_over_time: ofFloats(timeOf((a, b) => a <= b)),
  ts_of_first_over_time: anyOf((window) => window[0]!.time / 1000),
  ts_of_last_over_time: anyOf((window) => window.at(-1)!.time / 1000),
  first_over_time: anyOf((window) => window[0]!.value),
  last_over_time: anyOf((window) => window.at(-1)!.value),
  count_over_time: anyOf((window) => window.length),
  present_over_time: anyOf(() => 1),
  changes: count((before, after) => !same(before, after)),
  resets: count(isReset),
};
