import type { Histogram, Point, Series } from "../query-result.ts";

/** Numbers of buckets of one histogram series over time. A populated bucket contains observations. */
export interface BucketStatistics {
  readonly minPopulated: number;
  readonly avgPopulated: number;
  readonly maxPopulated: number;
  /** Number of different buckets that the series had, populated or not. */
  readonly total: number;
}

/** Formats statistics as `min/avg/max`, and the total if it is not the maximum. */
export function printStatistics({ minPopulated, avgPopulated, maxPopulated, total }: BucketStatistics): string {
  const text = `${minPopulated}/${avgPopulated.toFixed(3)}/${maxPopulated}`;
  return total === maxPopulated ? text : `${text}/${total}`;
}

function statisticsOf(populated: readonly number[], total: number): BucketStatistics {
  const sum = populated.reduce((before, count) => before + count, 0);
  return {
    minPopulated: populated.reduce((before, count) => Math.min(before, count), Infinity),
    avgPopulated: sum / populated.length,
    maxPopulated: populated.reduce((before, count) => Math.max(before, count), 0),
    total,
  };
}

/** Returns the statistics of a native histogram. Undefined if there are fewer than two samples. */
export function nativeStatistics(
  histograms: readonly (readonly [time: number, histogram: Histogram])[],
): BucketStatistics | undefined {
  if (histograms.length < 2) return undefined;
  const buckets = histograms.map(([, { buckets: own = [] }]) => own);
  const bounds = new Set(buckets.flat().map(([boundaries, lower, upper]) => `${boundaries} ${lower} ${upper}`));
  return statisticsOf(
    buckets.map((own) => own.length),
    bounds.size,
  );
}

/** Thrown if the bucket series of a classic histogram do not have samples at the same times. */
export class UnalignedError extends Error {
  override readonly name = "UnalignedError";
  override readonly message = "matrix result is not time aligned";
}

/**
 * Returns the statistics of a classic histogram from its `_bucket` series. Undefined if the first series has fewer than
 * two samples. Throws UnalignedError.
 */
export function classicStatistics(series: readonly Series[]): BucketStatistics | undefined {
  const times = series[0]?.values ?? [];
  if (times.length < 2) return undefined;
  const sorted = series.toSorted((a, b) => bound(a) - bound(b)).map(({ values = [] }) => values);
  return statisticsOf(
    times
      .keys()
      .map((i) => populatedAt(sorted, i))
      .toArray(),
    series.length,
  );
}

const bound = ({ metric }: Series): number => {
  const le = metric["le"]!;
  return le === "+Inf" ? Infinity : Number(le) || 0;
};

/** Counts the buckets that have observations of their own in the sample with index `i`. */
function populatedAt(buckets: readonly (readonly Point[])[], i: number): number {
  let populated = 0;
  let before = 0;
  for (const [rank, points] of buckets.entries()) {
    const point = points[i];
    // If the series of a bucket has no sample with this index, this bucket and all buckets with larger bounds count as
    // empty.
    if (point === undefined) return populated;
    if (rank > 0 && point[0] !== buckets[rank - 1]![i]![0]) throw new UnalignedError();
    const cumulative = Number(point[1]);
    if (Math.trunc(cumulative - before) !== 0) populated++;
    before = cumulative;
  }
  return populated;
}
