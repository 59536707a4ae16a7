import { formatFixed } from "@narthex/model";
import { FLOAT } from "../operators/operator.ts";
import { type RangeKernelFactory } from "../operators/window.ts";
import { executionError } from "../query-error.ts";
import { RangeAnnotations } from "./range-annotations.ts";
import { floatsOnly } from "./window-content.ts";

const check = (what: string, factor: number): void => {
  if (factor <= 0 || factor >= 1) {
    throw executionError(`invalid ${what} factor. Expected: 0 < ${what[0]}f < 1, got: ${formatFixed(factor)}`);
  }
};

/** Implements double_exponential_smoothing, which smooths level and trend, each with its own factor. */
export const doubleExponentialSmoothingKernel: RangeKernelFactory = (call) => {
  const annotations = new RangeAnnotations(call.evaluation, call.position);
  return (series, out) => {
    const floats = floatsOnly(series);
    for (let step = 0; step < out.present.length; step++) {
      const from = floats.from[step]!;
      const to = floats.to[step]!;
      if (series.to[step]! <= series.from[step]!) continue;
      const smoothing = call.scalars[0]![step]!;
      const trend = call.scalars[1]![step]!;
      check("smoothing", smoothing);
      check("trend", trend);
      if (to > from && floats.ignored?.[step] === 1) annotations.histogramsIgnored(series.metricName);
      if (to - from < 2) continue;
      call.evaluation.checkDeadlineAfter(to - from);
      const { values } = floats;
      let before = 0;
      let level = values[from]!;
      let slope = values[from + 1]! - values[from]!;
      for (let i = from + 1; i < to; i++) {
        if (i > from + 1) slope = trend * (level - before) + (1 - trend) * slope;
        const next = smoothing * values[i]! + (1 - smoothing) * (level + slope);
        before = level;
        level = next;
      }
      out.values[step] = level;
      out.present[step] = FLOAT;
    }
  };
};
