import { FLOAT } from "../operators/operator.ts";
import { type RangeKernelFactory } from "../operators/window.ts";
import { KahanSum } from "./kahan.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { type FloatsOnly, floatsOnly } from "./window-content.ts";

const sumX = new KahanSum();
const sumY = new KahanSum();
const sumXY = new KahanSum();
const sumX2 = new KahanSum();

/** Least squares over slots from … to-1; x is seconds since `origin`. A flat line has slope 0 exactly. */
function regression(
  floats: FloatsOnly,
  from: number,
  to: number,
  origin: number,
): { slope: number; intercept: number } {
  const { timestamps, values } = floats;
  const first = values[from]!;
  let flat = true;
  for (const sum of [sumX, sumY, sumXY, sumX2]) sum.reset();
  for (let i = from; i < to; i++) {
    const y = values[i]!;
    if (i > from && y !== first) flat = false;
    const x = (timestamps[i]! - origin) / 1000;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  if (flat) return Math.abs(first) === Infinity ? { slope: NaN, intercept: NaN } : { slope: 0, intercept: first };
  const n = to - from;
  const covariance = sumXY.total - (sumX.total * sumY.total) / n;
  const variance = sumX2.total - (sumX.total * sumX.total) / n;
  const slope = covariance / variance;
  return { slope, intercept: sumY.total / n - (slope * sumX.total) / n };
}

/** deriv, predict_linear: needs two floats; a window with one float beside histograms is remarked on. */
const regressionKernel =
  (predict: boolean): RangeKernelFactory =>
  (call) => {
    const remarks = new RangeAnnotations(call.evaluation, call.position);
    const { grid } = call.frame;
    return (series, out) => {
      const floats = floatsOnly(series);
      for (let step = 0; step < out.present.length; step++) {
        const from = floats.from(step);
        const to = floats.to(step);
        if (to > from && floats.ignored(step)) remarks.histogramsIgnored(series.metricName);
        if (to - from < 2) continue;
        const origin = predict ? grid.start + step * grid.step : floats.timestamps[from]!;
        const { slope, intercept } = regression(floats, from, to, origin);
        out.values[step] = predict ? slope * call.scalars[0]![step]! + intercept : slope;
        out.present[step] = FLOAT;
      }
    };
  };

export const derivKernel: RangeKernelFactory = regressionKernel(false);
export const predictLinearKernel: RangeKernelFactory = regressionKernel(true);
