import { FLOAT } from "../operators/operator.ts";
import { type RangeKernelFactory } from "../operators/window.ts";
import { KahanSum } from "./kahan.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { PrefixSumRegression } from "./prefix-sum-regression.ts";
import { type FloatsOnly, floatsOnly, windowsOverlap } from "./window-content.ts";

/** The times (x values) of the samples in a window, in seconds since an origin, with compensated sums. */
class Axis {
  /** Seconds of each sample, in the first `count` elements. The array grows to the longest window. */
  seconds = new Float64Array(64);
  sumX = 0;
  sumX2 = 0;
  count = 0;
  /**
   * Time in seconds from the origin to the first sample. `distance` is the time between two samples, or NaN if it
   * varies.
   */
  offset = 0;
  distance = NaN;
  /** The values of `offset` and `distance` before the conversion to seconds, ms. */
  #offset = NaN;
  #distance = NaN;

  /**
   * Sets the window. Does not recompute an unchanged window, because the times of evenly spaced samples are mostly the
   * same for all evaluation times and series.
   */
  lay(timestamps: Float64Array, from: number, to: number, origin: number, distance: number): void {
    const count = to - from;
    const offset = timestamps[from]! - origin;
    if (count === this.count && offset === this.#offset && distance === this.#distance) return;
    if (count > this.seconds.length) this.seconds = new Float64Array(count * 2);
    this.count = count;
    this.#offset = offset;
    this.#distance = distance;
    this.offset = offset / 1000;
    this.distance = distance / 1000;
    sumX.reset();
    sumX2.reset();
    for (let i = 0; i < count; i++) {
      const x = (timestamps[from + i]! - origin) / 1000;
      this.seconds[i] = x;
      sumX.add(x);
      sumX2.add(x * x);
    }
    this.sumX = sumX.total;
    this.sumX2 = sumX2.total;
  }
}

const sumX = new KahanSum();
const sumX2 = new KahanSum();
const sumY = new KahanSum();
const sumXY = new KahanSum();

/** The least-squares line through the samples of a window. */
class Line {
  slope = 0;
  intercept = 0;

  /** Computes the regression line. The slope of a line through equal values is exactly 0. */
  fit(axis: Axis, values: Float64Array, from: number): void {
    const n = axis.count;
    const first = values[from]!;
    let equal = 1;
    while (equal < n && values[from + equal] === first) equal++;
    if (equal === n) {
      this.slope = Math.abs(first) === Infinity ? NaN : 0;
      this.intercept = Math.abs(first) === Infinity ? NaN : first;
      return;
    }
    addUp(axis, values, from);
    const [totalX, totalY] = [axis.sumX, sumY.total];
    const covariance = sumXY.total - (totalX * totalY) / n;
    const variance = axis.sumX2 - (totalX * totalX) / n;
    this.slope = covariance / variance;
    this.intercept = totalY / n - (this.slope * totalX) / n;
  }
}

/**
 * Computes compensated sums of y and x·y in `sumY` and `sumXY`. Knuth's formula for the error of an addition has no
 * branches, and gives the same error as KahanSum for finite values.
 */
function addUp({ seconds, count }: Axis, values: Float64Array, from: number): void {
  let y = 0;
  let yRest = 0;
  let xy = 0;
  let xyRest = 0;
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!;
    const total = y + value;
    const shadow = total - y;
    yRest += y - (total - shadow) + (value - shadow);
    y = total;
    const product = seconds[i]! * value;
    const products = xy + product;
    const productShadow = products - xy;
    xyRest += xy - (products - productShadow) + (product - productShadow);
    xy = products;
  }
  sumY.reset(y);
  sumXY.reset(xy);
  if (Number.isFinite(y) && Number.isFinite(xy)) {
    sumY.compensation = yRest;
    sumXY.compensation = xyRest;
    return;
  }
  sumY.reset();
  sumXY.reset();
  for (let i = 0; i < count; i++) {
    sumY.add(values[from + i]!);
    sumXY.add(seconds[i]! * values[from + i]!);
  }
}

/**
 * For each sample, counts how many of the distances between the samples up to this sample differ from the first
 * distance.
 */
function countOddDistances(
  { timestamps, count }: FloatsOnly,
  distance: number,
  room: Int32Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> {
  const odd = room.length < count ? new Int32Array(count * 2) : room;
  odd[0] = 0;
  for (let i = 1; i < count; i++) {
    const isOdd = timestamps[i]! - timestamps[i - 1]! !== distance;
    odd[i] = odd[i - 1]! + (isOdd ? 1 : 0);
  }
  return odd;
}

/**
 * Returns whether a prediction is accurate. If slope and intercept nearly cancel out, the error of the slope dominates.
 */
function isSteady({ slope, intercept }: PrefixSumRegression, { sumX, count }: Axis, ahead: number): boolean {
  const reach = Math.abs(slope) * (Math.abs(ahead) + Math.abs(sumX) / count);
  return Math.abs(slope * ahead + intercept) > reach * TRUSTED_SHARE;
}

const TRUSTED_SHARE = 2 ** -3;

/**
 * Makes deriv and predict_linear, which need at least two floats in a window. A window with one float and histograms
 * adds an info.
 */
const regressionKernel =
  (predict: boolean): RangeKernelFactory =>
  (call) => {
    const annotations = new RangeAnnotations(call.evaluation, call.position);
    const { grid } = call.frame;
    const axis = new Axis();
    const line = new Line();
    const sums = new PrefixSumRegression();
    let odd = new Int32Array(0);
    return (series, out) => {
      const floats = floatsOnly(series);
      const { timestamps, values, count } = floats;
      const distance = count > 1 ? timestamps[1]! - timestamps[0]! : NaN;
      odd = countOddDistances(floats, distance, odd);
      const known = windowsOverlap(floats) && sums.build(values, count);
      for (let step = 0; step < out.present.length; step++) {
        const from = floats.from[step]!;
        const to = floats.to[step]!;
        if (to > from && floats.ignored?.[step] === 1) annotations.histogramsIgnored(series.metricName);
        if (to - from < 2) continue;
        call.evaluation.checkDeadlineAfter(to - from);
        const origin = predict ? grid.start + step * grid.step : timestamps[from]!;
        const even = odd[from] === odd[to - 1];
        axis.lay(timestamps, from, to, origin, even ? distance : NaN);
        const ahead = predict ? call.scalars[0]![step]! : NaN;
        if (known && even && sums.fit(from, to, axis) && (!predict || isSteady(sums, axis, ahead))) {
          out.values[step] = predict ? sums.slope * ahead + sums.intercept : sums.slope;
        } else {
          line.fit(axis, values, from);
          out.values[step] = predict ? line.slope * ahead + line.intercept : line.slope;
        }
        out.present[step] = FLOAT;
      }
    };
  };

export const derivKernel: RangeKernelFactory = regressionKernel(false);
export const predictLinearKernel: RangeKernelFactory = regressionKernel(true);
