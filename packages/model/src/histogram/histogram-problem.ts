import { formatFixed } from "../number-format.ts";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "./histogram.ts";

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/**
 * Returns the reason why the storage must refuse a histogram, in Prometheus' words, or undefined if the histogram is
 * valid. A stale marker is always valid.
 */
export function histogramProblem(histogram: FloatHistogram): string | undefined {
  if (histogram.stale === true) return undefined;
  const { schema } = histogram;
  if (schema === CUSTOM_BUCKETS_SCHEMA)
    return prefixed("custom buckets", customProblem(histogram)) ?? countProblem(histogram);
  if (!Number.isInteger(schema) || schema < MIN_SCHEMA || schema > MAX_SCHEMA) {
    return (
      `histogram has an invalid schema, which must be between ${MIN_SCHEMA} and ${MAX_SCHEMA} for exponential buckets, ` +
      `or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets`
    );
  }
  return (
    prefixed("positive side", spanProblem(histogram.positiveSpans, histogram.positiveBuckets.length)) ??
    prefixed("negative side", spanProblem(histogram.negativeSpans, histogram.negativeBuckets.length)) ??
    prefixed("negative side", bucketProblem(histogram.negativeBuckets)) ??
    (histogram.customBounds === undefined
      ? undefined
      : "histogram with exponential schema must not have custom bounds") ??
    countProblem(histogram)
  );
}

const prefixed = (side: string, problem: string | undefined): string | undefined =>
  problem === undefined ? undefined : `${side}: ${problem}`;

function customProblem(histogram: FloatHistogram): string | undefined {
  const bounds = histogram.customBounds ?? new Float64Array(0);
  let previous = -Infinity;
  for (const [i, bound] of bounds.entries()) {
    if (Number.isNaN(bound)) return "histogram custom bounds must not be NaN";
    if (i > 0 && bound <= previous) {
      return (
        `previous bound is ${formatFixed(previous)} and current is ${formatFixed(bound)}: ` +
        "histogram custom bounds must be in strictly increasing order"
      );
    }
    previous = bound;
  }
  if (previous === Infinity)
    return "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite";
  const covered = histogram.positiveSpans.reduce((sum, { offset, length }) => sum + offset + length, 0);
  if (covered > bounds.length + 1) {
    return (
      `only ${bounds.length} custom bounds defined which is insufficient to cover total span length of ${covered}: ` +
      "histogram custom bounds are too few"
    );
  }
  if (histogram.positiveSpans[0] !== undefined && histogram.positiveSpans[0].offset < 0)
    return negativeOffset(0, histogram.positiveSpans[0]);
  const spans = spanProblem(histogram.positiveSpans, histogram.positiveBuckets.length);
  if (spans !== undefined) return spans;
  if (histogram.zeroCount !== 0) return "must have zero count of 0";
  if (histogram.zeroThreshold !== 0) return "must have zero threshold of 0";
  if (histogram.negativeSpans.length > 0) return "must not have negative spans";
  return histogram.negativeBuckets.length > 0 ? "must not have negative buckets" : undefined;
}

const negativeOffset = (index: number, span: Span): string =>
  `span number ${index + 1} with offset ${span.offset}: histogram has a span whose offset is negative`;

/**
 * Returns the error in the spans of the positive or negative buckets, or undefined. Only the first span may have a
 * negative offset.
 */
function spanProblem(spans: readonly Span[], bucketCount: number): string | undefined {
  let needed = 0;
  for (const [i, span] of spans.entries()) {
    if (i > 0 && span.offset < 0) return negativeOffset(i, span);
    needed += span.length;
  }
  if (needed === bucketCount) return undefined;
  return (
    `spans need ${needed} buckets, have ${bucketCount} buckets: ` +
    "histogram spans specify different number of buckets than provided"
  );
}

function bucketProblem(buckets: Float64Array): string | undefined {
  const index = buckets.findIndex((count) => count < 0);
  if (index < 0) return undefined;
  return (
    `bucket number ${index + 1} has observation count of ${buckets[index]}: ` +
    "histogram has a bucket whose observation count is negative"
  );
}

/**
 * Returns the error in the counts of an integer histogram, or undefined. The counts of the buckets must add up to the
 * count of the histogram. If the sum of the observations is NaN, some observations may be outside all buckets.
 */
function countProblem(histogram: FloatHistogram): string | undefined {
  const buckets = prefixed("positive side", bucketProblem(histogram.positiveBuckets));
  if (buckets !== undefined) return buckets;
  if (histogram.integer !== true) {
    return histogram.count < 0
      ? `observation count is  ${histogram.count}: histogram's observation count is negative`
      : undefined;
  }
  let found = histogram.zeroCount;
  for (const count of histogram.positiveBuckets) found += count;
  for (const count of histogram.negativeBuckets) found += count;
  const message = `${found} observations found in buckets, but the Count field is ${histogram.count}: histogram's observation count should`;
  if (Number.isNaN(histogram.sum)) {
    return found > histogram.count
      ? `${message} be at least the number of observations found in the buckets`
      : undefined;
  }
  return found === histogram.count
    ? undefined
    : `${message} equal the number of observations found in the buckets (in absence of NaN)`;
}
