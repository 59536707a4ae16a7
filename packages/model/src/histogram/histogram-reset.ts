import { exponentialBound, forEachBucket, indexInSchema, usesCustomBuckets } from "./histogram-buckets.ts";
import { sameBounds, zeroCountForThreshold } from "./histogram-builder.ts";
import type { FloatHistogram, Span } from "./histogram.ts";

/**
 * Reports whether a histogram's counts started again from zero since `previous`. If the histogram has a counter reset
 * hint, the hint decides. Otherwise a reset is a decrease of a count, a bucket or the zero threshold, or an increase of
 * the resolution.
 */
export function detectReset(histogram: FloatHistogram, previous: FloatHistogram): boolean {
  if (histogram.resetHint === "reset") return true;
  if (histogram.resetHint === "not-reset") return false;
  if (histogram.count < previous.count) return true;
  if (usesCustomBuckets(histogram)) {
    if (!usesCustomBuckets(previous)) return true;
    if (!sameBounds(histogram.customBounds, previous.customBounds)) return customBucketsShrank(histogram, previous);
  }
  if (histogram.schema > previous.schema) return true;
  if (histogram.zeroThreshold < previous.zeroThreshold) return true;
  if (!usesCustomBuckets(histogram) && usesCustomBuckets(previous)) return true;
  if (usesCustomBuckets(histogram)) return bucketsShrank(histogram, previous, "positive");
  const zero = zeroCountForThreshold(previous, histogram.zeroThreshold);
  if (zero.threshold !== histogram.zeroThreshold || histogram.zeroCount < zero.count) return true;
  return bucketsShrank(histogram, previous, "positive") || bucketsShrank(histogram, previous, "negative");
}

const sideOf = (histogram: FloatHistogram, side: "positive" | "negative"): readonly [readonly Span[], Float64Array] =>
  side === "positive"
    ? [histogram.positiveSpans, histogram.positiveBuckets]
    : [histogram.negativeSpans, histogram.negativeBuckets];

/**
 * Reports whether a bucket outside the zero bucket has a lower count than in the previous histogram. Compares both histograms at the resolution of the current histogram.
 */
function bucketsShrank(histogram: FloatHistogram, previous: FloatHistogram, side: "positive" | "negative"): boolean {
  const { schema, zeroThreshold } = histogram;
  const custom = usesCustomBuckets(histogram);
  const before = new Map<number, number>();
  forEachBucket(...sideOf(previous, side), (index, count) => {
    const target = custom ? index : indexInSchema(index, previous.schema, schema);
    if (!custom && exponentialBound(target, schema) <= zeroThreshold) return;
    before.set(target, (before.get(target) ?? 0) + count);
  });
  let shrank = false;
  forEachBucket(...sideOf(histogram, side), (index, count) => {
    const was = before.get(index);
    if (was === undefined) return;
    if (count < was) shrank = true;
    before.delete(index);
  });
  if (shrank) return true;
  // Checks the buckets that only the previous histogram has. Their counts may be negative if the histogram is a
  // difference of two histograms.
  for (const count of before.values()) if (count !== 0) return true;
  return false;
}

/**
 * Reports whether a count decreased between two histograms with different custom bucket bounds. Compares the numbers of
 * observations between the bounds that both histograms have.
 */
function customBucketsShrank(histogram: FloatHistogram, previous: FloatHistogram): boolean {
  const previousBounds = new Set(previous.customBounds);
  const common = [...(histogram.customBounds ?? [])].filter((bound) => previousBounds.has(bound));
  common.push(Infinity);
  const now = rolledUp(histogram, common);
  const before = rolledUp(previous, common);
  return now.some((count, i) => count < before[i]!);
}

function rolledUp(histogram: FloatHistogram, bounds: readonly number[]): number[] {
  const sums = bounds.map(() => 0);
  forEachBucket(histogram.positiveSpans, histogram.positiveBuckets, (index, count) => {
    const upper = histogram.customBounds?.[index] ?? Infinity;
    sums[bounds.findIndex((bound) => bound >= upper)]! += count;
  });
  return sums;
}

const bits = new DataView(new ArrayBuffer(16));

/**
 * Reports whether two numbers have the same bits: NaN equals NaN, and 0 differs from -0. Prometheus compares histograms
 * in this way.
 */
function sameBits(a: number, b: number): boolean {
  bits.setFloat64(0, a);
  bits.setFloat64(8, b);
  return bits.getUint32(0) === bits.getUint32(8) && bits.getUint32(4) === bits.getUint32(12);
}

/** Reports whether two histograms contain the same data. Hints about counter resets are ignored. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a.schema !== b.schema || !sameBits(a.count, b.count) || !sameBits(a.sum, b.sum)) return false;
  if (usesCustomBuckets(a) && !sameBounds(a.customBounds, b.customBounds)) return false;
  if (a.zeroThreshold !== b.zeroThreshold || !sameBits(a.zeroCount, b.zeroCount)) return false;
  return sameLayout(a, b, "positive") && sameLayout(a, b, "negative");
}

function sameLayout(a: FloatHistogram, b: FloatHistogram, side: "positive" | "negative"): boolean {
  const flatten = (histogram: FloatHistogram): number[] => {
    const flat: number[] = [];
    forEachBucket(...sideOf(histogram, side), (index, count) => flat.push(index, count));
    return flat;
  };
  const left = flatten(a);
  const right = flatten(b);
  return left.length === right.length && left.every((value, i) => sameBits(value, right[i]!));
}
