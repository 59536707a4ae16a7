import { allBuckets, type FloatHistogram, METRIC_NAME, usesCustomBuckets } from "@narthex/model";
import { applyToHistograms, mapSeries } from "../operators/map.ts";
import type { VectorFunction } from "./function-call.ts";
import { KahanSum } from "./kahan.ts";

/**
 * Makes a function that computes a number from native histograms and drops floats. The result keeps all labels except
 * the metric name.
 */
const ofHistogram =
  (compute: (histogram: FloatHistogram) => number): VectorFunction =>
  (call) => {
    const delayed = call.evaluation.features.delayedNameRemoval;
    return mapSeries(
      call.vector(0),
      (list) => list.map(({ labels }) => ({ labels: delayed ? labels : labels.without(METRIC_NAME), dropName: true })),
      (column) => applyToHistograms(column, compute),
    );
  };

/**
 * Returns the variance of a histogram around its mean. Each observation counts as the middle of its bucket: the
 * geometric middle, or for custom buckets the arithmetic middle.
 */
function variance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count;
  const custom = usesCustomBuckets(histogram);
  const sum = new KahanSum();
  for (const { lower, upper, count } of allBuckets(histogram)) {
    if (count === 0) continue;
    let middle = 0;
    if (custom) middle = (upper + lower) / 2;
    else if (!(lower <= 0 && upper >= 0)) middle = Math.sqrt(upper * lower) * (upper < 0 ? -1 : 1);
    const delta = middle - mean;
    sum.add(count * delta * delta);
  }
  return sum.total / histogram.count;
}

export const HISTOGRAM_STATS: Readonly<Record<string, VectorFunction>> = {
  histogram_count: ofHistogram(({ count }) => count),
  histogram_sum: ofHistogram(({ sum }) => sum),
  histogram_avg: ofHistogram(({ sum, count }) => sum / count),
  histogram_stddev: ofHistogram((histogram) => Math.sqrt(variance(histogram))),
  histogram_stdvar: ofHistogram(variance),
};
