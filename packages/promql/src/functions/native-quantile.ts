import {
  allBuckets,
  type FloatHistogram,
  fractionBelow,
  type HistogramBucket,
  usesCustomBuckets,
} from "@narthex/model";

/** The text in an annotation about the effect of NaN observations on a quantile or fraction. */
type NanAnnotation = "result is NaN" | "result is skewed higher" | "excluded";

export interface NativeResult {
  readonly value: number;
  readonly annotation: NanAnnotation | undefined;
}

const plain = (value: number, annotation?: NanAnnotation): NativeResult => ({ value, annotation });

/**
 * Returns the φ-quantile of a native histogram. Interpolates linearly in custom buckets and the zero bucket, otherwise
 * logarithmically. Counts ranks from the nearer end of the buckets. If the sum is NaN, counts from the low end, because
 * NaN observations are in no bucket.
 */
export function nativeQuantile(q: number, histogram: FloatHistogram): NativeResult {
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(NaN);
  const nanSum = Number.isNaN(histogram.sum);
  const forward = nanSum || q < 0.5;
  const buckets = allBuckets(histogram);
  if (!forward) buckets.reverse();
  let rank = (forward ? q : 1 - q) * histogram.count;
  let count = 0;
  let at = 0;
  let bucket: HistogramBucket = { lower: 0, upper: 0, lowerInclusive: true, upperInclusive: true, count: 0 };
  for (; at < buckets.length; at++) {
    bucket = buckets[at]!;
    if (bucket.count === 0) continue;
    count += bucket.count;
    if (count >= rank) break;
  }
  const custom = usesCustomBuckets(histogram);
  if (custom) {
    if (bucket.lower === -Infinity) {
      if (bucket.upper <= 0) return plain(bucket.upper);
      bucket.lower = 0;
    } else if (bucket.upper === Infinity) {
      return plain(bucket.lower);
    }
  } else if (bucket.lower < 0 && bucket.upper > 0) {
    oneSidedZero(bucket, histogram);
  }
  if (count > histogram.count) count = histogram.count;
  if (count < rank) return nanSum ? plain(NaN, "result is NaN") : plain(bucket.upper);
  rank = forward ? rank - (count - bucket.count) : count - rank;
  let annotation: NanAnnotation | undefined;
  if (nanSum) {
    for (at++; at < buckets.length; at++) {
      bucket = buckets[at]!;
      count += bucket.count;
    }
    if (count < histogram.count) annotation = "result is skewed higher";
  }
  return plain(within(bucket, rank / bucket.count, custom), annotation);
}

/** Limits the zero bucket to one side of zero if the histogram has only positive or only negative buckets. */
function oneSidedZero(bucket: HistogramBucket, histogram: FloatHistogram): void {
  const negative = histogram.negativeBuckets.length > 0;
  const positive = histogram.positiveBuckets.length > 0;
  if (!negative && positive) bucket.lower = 0;
  else if (negative && !positive) bucket.upper = 0;
}

/** Returns the value at a fraction of the width of a bucket. */
function within({ lower, upper }: HistogramBucket, fraction: number, custom: boolean): number {
  if (custom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** Returns the fraction of a native histogram's observations between two bounds. NaN observations are in no bucket. */
export function nativeFraction(lower: number, upper: number, histogram: FloatHistogram): NativeResult {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return plain(NaN);
  if (lower >= upper) return plain(0);
  const buckets = allBuckets(histogram);
  for (const bucket of buckets) if (bucket.lower <= 0 && bucket.upper >= 0) oneSidedZero(bucket, histogram);
  let total = histogram.count;
  let annotation: NanAnnotation | undefined;
  if (Number.isNaN(histogram.sum)) {
    total = buckets.reduce((sum, { count }) => sum + count, 0);
    if (total < histogram.count) annotation = "excluded";
  }
  const custom = usesCustomBuckets(histogram);
  const low = rankOf(lower, buckets, custom);
  const high = rankOf(upper, buckets, custom);
  const capped = (rank: number | undefined): number => (rank === undefined || rank > total ? total : rank);
  return plain((capped(high) - capped(low)) / histogram.count, annotation);
}

/** Returns the number of observations at or below a value; undefined if the value is above all buckets. */
function rankOf(value: number, buckets: readonly HistogramBucket[], custom: boolean): number | undefined {
  let rank = 0;
  for (const bucket of buckets) {
    if (bucket.lower >= value) return rank;
    if (bucket.upper > value) {
      const linear = custom || (bucket.lower <= 0 && bucket.upper >= 0);
      if (linear && bucket.lower === -Infinity) return bucket.count;
      return rank + bucket.count * fractionBelow(bucket, value, linear);
    }
    rank += bucket.count;
  }
  return undefined;
}
