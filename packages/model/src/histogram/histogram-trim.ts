import {
  fractionBelow,
  type HistogramBucket,
  negativeBuckets,
  positiveBuckets,
  usesCustomBuckets,
  zeroBucket,
} from "./histogram-buckets.ts";
import { HistogramBuilder } from "./histogram-builder.ts";
import type { FloatHistogram } from "./histogram.ts";

/**
 * The part of a bucket that remains after trimming: the number of observations, and the value that these observations
 * are assumed to have.
 */
interface Kept {
  readonly count: number;
  readonly midpoint: number;
}

/**
 * Which observations of a histogram remain: those up to the limit ("below", operator `</`), or those above the limit
 * ("above", operator `>/`).
 */
export type TrimSide = "below" | "above";

/**
 * Returns a histogram with only the observations below or above a limit. A bucket that contains the limit is split by
 * interpolation. If observations were removed, count and sum of the histogram are estimated.
 */
export function trimHistogram(histogram: FloatHistogram, limit: number, keep: TrimSide): FloatHistogram {
  const linear = usesCustomBuckets(histogram);
  let count = 0;
  let sum = 0;
  let trimmed = false;
  const cut = (buckets: readonly HistogramBucket[], positive: boolean): Float64Array =>
    Float64Array.from(buckets, (bucket) => {
      if (bucket.count === 0) return 0;
      const kept = keptOf(bucket, limit, keep, positive, linear);
      if (kept === undefined) {
        trimmed = true;
        return 0;
      }
      count += kept.count;
      sum += kept.midpoint * kept.count;
      if (kept.count !== bucket.count) trimmed = true;
      return kept.count;
    });
  const above = positiveBuckets(histogram);
  const below = negativeBuckets(histogram);
  const positiveCounts = cut(above, true);
  const negativeCounts = cut(below, false);
  let { zeroCount } = histogram;
  if (zeroCount > 0) {
    const populated = (bucket: HistogramBucket): boolean => bucket.count !== 0;
    const kept = keptOfZero(zeroBucket(histogram), limit, keep, below.some(populated), above.some(populated));
    if (kept.count !== zeroCount) trimmed = true;
    zeroCount = kept.count;
    sum += kept.midpoint * kept.count;
    count += kept.count;
  }
  if (!trimmed) return histogram;
  const cutDown = {
    ...histogram,
    zeroCount,
    count,
    sum,
    positiveBuckets: positiveCounts,
    negativeBuckets: negativeCounts,
  };
  return new HistogramBuilder(cutDown).compact().toHistogram();
}

/** Returns the part of a bucket that remains, or undefined if the limit removes the whole bucket. */
function keptOf(
  bucket: HistogramBucket,
  limit: number,
  keep: TrimSide,
  positive: boolean,
  linear: boolean,
): Kept | undefined {
  const whole = keep === "below" ? bucket.upper <= limit : bucket.lower >= limit;
  if (whole) return { count: bucket.count, midpoint: midpoint(bucket.lower, bucket.upper, positive, linear) };
  const touched = keep === "below" ? bucket.lower < limit : bucket.upper > limit;
  if (!touched) return undefined;
  if (bucket.lower === -Infinity || bucket.upper === Infinity) return keptOfInfinite(bucket, limit, keep);
  const under = bucket.count * shareBelow(bucket, limit, linear);
  return keep === "below"
    ? { count: under, midpoint: midpoint(bucket.lower, limit, positive, linear) }
    : { count: bucket.count - under, midpoint: midpoint(limit, bucket.upper, positive, linear) };
}

function shareBelow(bucket: HistogramBucket, limit: number, linear: boolean): number {
  if (limit <= bucket.lower) return 0;
  return limit >= bucket.upper ? 1 : fractionBelow(bucket, limit, linear);
}

const finiteOrZero = (value: number): number => (Math.abs(value) === Infinity ? 0 : value);

/**
 * Trims the first or last custom bucket, which has an infinite bound. The distribution of its observations is unknown,
 * except that a first bucket with a positive bound begins at 0.
 */
function keptOfInfinite(bucket: HistogramBucket, limit: number, keep: TrimSide): Kept {
  const { lower, upper, count } = bucket;
  if (lower === -Infinity) {
    const fromZero = upper > 0 && upper !== Infinity;
    if (keep === "below") {
      if (limit >= upper) return { count, midpoint: 0 };
      if (limit > 0 && fromZero) return { count: (count * limit) / upper, midpoint: limit / 2 };
      if (upper <= 0) return { count, midpoint: limit };
      return { count: 0, midpoint: finiteOrZero(upper) };
    }
    if (limit <= lower) return { count, midpoint: 0 };
    if (limit >= 0 && fromZero && upper > limit)
      return { count: count * (1 - limit / upper), midpoint: (limit + upper) / 2 };
    return { count: 0, midpoint: finiteOrZero(upper) };
  }
  if (keep === "above" && limit >= lower) return { count, midpoint: limit };
  return { count: 0, midpoint: finiteOrZero(lower) };
}

/**
 * Trims the zero bucket by linear interpolation. If the histogram has only positive or only negative buckets, the zero
 * bucket ends at 0.
 */
function keptOfZero(
  bucket: HistogramBucket,
  limit: number,
  keep: TrimSide,
  hasNegative: boolean,
  hasPositive: boolean,
): Kept {
  const upper = hasNegative && !hasPositive ? 0 : bucket.upper;
  const lower = hasPositive && !hasNegative ? 0 : bucket.lower;
  const all: Kept = { count: bucket.count, midpoint: (lower + upper) / 2 };
  const none: Kept = { count: 0, midpoint: 0 };
  if (limit <= lower) return keep === "below" ? none : all;
  if (limit >= upper) return keep === "below" ? all : none;
  return keep === "below"
    ? { count: bucket.count * ((limit - lower) / (upper - lower)), midpoint: (lower + limit) / 2 }
    : { count: bucket.count * ((upper - limit) / (upper - lower)), midpoint: (limit + upper) / 2 };
}

function midpoint(lower: number, upper: number, positive: boolean, linear: boolean): number {
  if (Math.abs(lower) === Infinity) {
    if (Math.abs(upper) === Infinity) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (Math.abs(upper) === Infinity) return lower;
  if (linear) return (lower + upper) / 2;
  const geometric = Math.sqrt(Math.abs(lower * upper));
  return positive ? geometric : -geometric;
}
