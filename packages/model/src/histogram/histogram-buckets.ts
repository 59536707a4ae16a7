import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "./histogram.ts";
import { formatFloat } from "../number-format.ts";

/**
 * One histogram bucket with its bounds. Positive buckets are (lower, upper] and negative buckets [lower, upper). The
 * zero bucket and the first custom bucket are [lower, upper].
 */
export interface HistogramBucket {
  lower: number;
  upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

export const usesCustomBuckets = (histogram: FloatHistogram): boolean => histogram.schema === CUSTOM_BUCKETS_SCHEMA;

/** Returns the upper bound of bucket `index` of an exponential schema: base^index with base = 2^(2^-schema). */
export function exponentialBound(index: number, schema: number): number {
  if (schema <= 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const whole = Math.floor(index / 2 ** schema);
  const fraction = index - whole * 2 ** schema;
  if (fraction === 0 && whole === 1024) return Number.MAX_VALUE;
  const mantissa = MANTISSAS[fraction * 2 ** (FINEST_SCHEMA - schema)]!;
  // Multiplies by 2 in a separate step, because 2 ** 1024 would overflow.
  return mantissa * 2 * 2 ** whole;
}

/**
 * The numbers 2^(2^-schema) for schemas 1 to 8. The first number is slightly too low on purpose, to get the same bounds
 * as Prometheus.
 */
const FACTORS = [
  1.414213562373095, 1.189207115002721, 1.0905077326652577, 1.0442737824274138, 1.0218971486541166, 1.0108892860517005,
  1.0054299011128027, 1.0027112750502025,
];

/**
 * Exponential schema with the highest resolution. Its bucket bounds include the bucket bounds of every other schema.
 */
const FINEST_SCHEMA = FACTORS.length;

/**
 * The numbers 2^(i/256 - 1) for i from 0 to 255, with the rounding errors of the tables in Prometheus. The bucket
 * bounds must be exactly equal to those of Prometheus, because they are printed.
 */
const MANTISSAS: readonly number[] = FACTORS.reduce<number[]>(
  (bounds, factor) => bounds.flatMap((bound) => [bound, bound * factor]),
  [0.5],
);

/**
 * Returns the bound with the given index in a histogram with custom buckets. Before the configured bounds is -Inf, and
 * after them is +Inf.
 */
const customBound = (bounds: Float64Array | undefined, index: number): number => {
  if (index < 0) return -Infinity;
  return bounds !== undefined && index < bounds.length ? bounds[index]! : Infinity;
};

/** Converts a bucket index to a lower schema: returns the index of the wider bucket that contains bucket `index`. */
export const indexInSchema = (index: number, from: number, to: number): number => ((index - 1) >> (from - to)) + 1;

/** Calls a function with the index and count of each bucket, in ascending order of indexes. */
export function forEachBucket(
  spans: readonly Span[],
  buckets: Float64Array,
  visit: (index: number, count: number) => void,
): void {
  let index = 0;
  let slot = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++) visit(index++, buckets[slot++] ?? 0);
  }
}

/** Returns the buckets for values above zero in ascending order. */
export function positiveBuckets(histogram: FloatHistogram): HistogramBucket[] {
  const { schema, customBounds } = histogram;
  const found: HistogramBucket[] = [];
  forEachBucket(histogram.positiveSpans, histogram.positiveBuckets, (index, count) => {
    const custom = schema === CUSTOM_BUCKETS_SCHEMA;
    found.push({
      lower: custom ? customBound(customBounds, index - 1) : exponentialBound(index - 1, schema),
      upper: custom ? customBound(customBounds, index) : exponentialBound(index, schema),
      lowerInclusive: custom && index === 0,
      upperInclusive: true,
      count,
    });
  });
  return found;
}

/** Returns the buckets for values below zero, starting at zero. */
export function negativeBuckets(histogram: FloatHistogram): HistogramBucket[] {
  const { schema } = histogram;
  const found: HistogramBucket[] = [];
  forEachBucket(histogram.negativeSpans, histogram.negativeBuckets, (index, count) =>
    found.push({
      lower: -exponentialBound(index, schema),
      upper: -exponentialBound(index - 1, schema),
      lowerInclusive: true,
      upperInclusive: false,
      count,
    }),
  );
  return found;
}

export const zeroBucket = (histogram: FloatHistogram): HistogramBucket => ({
  lower: -histogram.zeroThreshold,
  upper: histogram.zeroThreshold,
  lowerInclusive: true,
  upperInclusive: true,
  count: histogram.zeroCount,
});

/**
 * Returns all buckets in ascending order, including a non-empty zero bucket. A bucket that overlaps the zero bucket
 * begins or ends at the edge of the zero bucket.
 */
export function allBuckets(histogram: FloatHistogram): HistogramBucket[] {
  const { zeroThreshold } = histogram;
  const below = negativeBuckets(histogram).toReversed();
  const above = positiveBuckets(histogram);
  for (const bucket of [...below, ...above]) {
    if (bucket.upper < 0 && bucket.upper > -zeroThreshold) bucket.upper = -zeroThreshold;
    else if (bucket.lower > 0 && bucket.lower < zeroThreshold) bucket.lower = zeroThreshold;
  }
  return histogram.zeroCount > 0 ? [...below, zeroBucket(histogram), ...above] : [...below, ...above];
}

/**
 * Returns the fraction of a bucket's observations that are at or below `value`. Interpolates linearly, or
 * logarithmically for exponential buckets.
 */
export function fractionBelow(bucket: HistogramBucket, value: number, linear: boolean): number {
  if (linear) return (value - bucket.lower) / (bucket.upper - bucket.lower);
  const lower = Math.log2(Math.abs(bucket.lower));
  const upper = Math.log2(Math.abs(bucket.upper));
  const at = Math.log2(Math.abs(value));
  return value > 0 ? (at - lower) / (upper - lower) : 1 - (at - upper) / (lower - upper);
}

const bucketText = (bucket: HistogramBucket, count: (value: number) => string): string =>
  `${bucket.lowerInclusive ? "[" : "("}${formatFloat(bucket.lower)},${formatFloat(bucket.upper)}` +
  `${bucket.upperInclusive ? "]" : ")"}:${count(bucket.count)}`;

/**
 * Formats a histogram like Prometheus: `{count:4, sum:5, (0.5,1]:1, (1,2]:3}`. Counts are printed as floats unless
 * `count` is given.
 */
export function formatHistogram(histogram: FloatHistogram, count: (value: number) => string = formatFloat): string {
  const parts = [`count:${count(histogram.count)}`, `sum:${formatFloat(histogram.sum)}`];
  const add = (bucket: HistogramBucket): void => {
    if (bucket.count !== 0) parts.push(bucketText(bucket, count));
  };
  for (const bucket of negativeBuckets(histogram).toReversed()) add(bucket);
  if (!usesCustomBuckets(histogram)) add(zeroBucket(histogram));
  for (const bucket of positiveBuckets(histogram)) add(bucket);
  return `{${parts.join(", ")}}`;
}
