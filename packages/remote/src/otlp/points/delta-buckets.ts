import type { DenseBuckets } from "./dense-buckets.ts";
import type { Delta } from "./delta-to-cumulative.ts";

/**
 * Largest number of positive, and of negative, buckets when histograms are added up. With more buckets, the resolution
 * of the sum is reduced.
 */
const MAX_BUCKETS = 160;

/** Resolution and buckets of an exponential histogram. Both change when another histogram is added. */
export interface ExponentialBuckets {
  readonly scale: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: DenseBuckets;
  readonly negative: DenseBuckets;
}

export interface ExponentialDelta extends Delta, ExponentialBuckets {
  readonly count: number;
  /** Sum of the observations. Undefined if an added histogram has no sum. */
  readonly sum: number | undefined;
}

/** Adds the buckets of two histograms, at the resolution of the coarser one. */
export function addBuckets(a: ExponentialBuckets, b: ExponentialBuckets): ExponentialBuckets {
  const common = Math.min(a.scale, b.scale);
  const scale = Math.min(
    scaleWithin(common, atScale(a, common).positive, atScale(b, common).positive),
    scaleWithin(common, atScale(a, common).negative, atScale(b, common).negative),
  );
  let [left, right] = [atScale(a, scale), atScale(b, scale)];
  if (left.zeroThreshold < right.zeroThreshold) left = widenZero(left, right.zeroThreshold);
  else if (right.zeroThreshold < left.zeroThreshold) right = widenZero(right, left.zeroThreshold);
  return {
    scale,
    zeroThreshold: left.zeroThreshold,
    zeroCount: left.zeroCount + right.zeroCount,
    positive: addSides(left.positive, right.positive),
    negative: addSides(left.negative, right.negative),
  };
}

function atScale(histogram: ExponentialBuckets, scale: number): ExponentialBuckets {
  const steps = histogram.scale - scale;
  if (steps === 0) return histogram;
  return {
    ...histogram,
    scale,
    positive: coarser(histogram.positive, steps),
    negative: coarser(histogram.negative, steps),
  };
}

/** Reduces the resolution of a histogram: merges 2^steps neighbouring buckets into one. */
function coarser({ offset, counts }: DenseBuckets, steps: number): DenseBuckets {
  const width = 2 ** steps;
  const first = Math.floor(offset / width);
  const merged = new Float64Array(
    counts.length === 0 ? 0 : Math.floor((offset + counts.length - 1) / width) - first + 1,
  );
  for (const [i, count] of counts.entries()) merged[Math.floor((offset + i) / width) - first]! += count;
  return { offset: first, counts: merged };
}

/** Returns the finest scale at which the sum of two sets of buckets has at most MAX_BUCKETS buckets. */
function scaleWithin(scale: number, a: DenseBuckets, b: DenseBuckets): number {
  let [low, high] = extentOf(a, b);
  let fitting = scale;
  for (; high - low > MAX_BUCKETS; fitting--) [low, high] = [Math.trunc(low / 2), Math.trunc(high / 2)];
  return fitting;
}

/** Returns the range of indexes in which either set of buckets has counts. The end is exclusive. */
function extentOf(a: DenseBuckets, b: DenseBuckets): [low: number, high: number] {
  const [first, second] = [filledPart(a), filledPart(b)];
  if (first === undefined || second === undefined) return first ?? second ?? [a.offset, a.offset];
  return [Math.min(first[0], second[0]), Math.max(first[1], second[1])];
}

/**
 * Returns the range of indexes of non-empty buckets. Returns undefined if all buckets are empty, because the offset is
 * then meaningless.
 */
function filledPart({ offset, counts }: DenseBuckets): [low: number, high: number] | undefined {
  const first = counts.findIndex((count) => count !== 0);
  return first === -1 ? undefined : [offset + first, offset + counts.findLastIndex((count) => count !== 0) + 1];
}

const countAt = ({ offset, counts }: DenseBuckets, index: number): number => counts[index - offset] ?? 0;

function addSides(a: DenseBuckets, b: DenseBuckets): DenseBuckets {
  if (b.counts.length === 0) return a;
  if (a.counts.length === 0) return b;
  const [low, high] = extentOf(a, b);
  const counts = new Float64Array(high - low);
  for (let i = 0; i < counts.length; i++) counts[i] = countAt(a, low + i) + countAt(b, low + i);
  return { offset: low, counts };
}

/** Widens the zero bucket of a histogram to at least `width`, and moves the counts of the covered buckets into it. */
function widenZero(histogram: ExponentialBuckets, width: number): ExponentialBuckets {
  const { scale } = histogram;
  const last = indexOf(width, scale);
  let { zeroCount } = histogram;
  const rest = ({ offset, counts }: DenseBuckets): DenseBuckets => {
    const taken = Math.min(Math.max(last + 1 - offset, 0), counts.length);
    for (let i = 0; i < taken; i++) zeroCount += counts[i]!;
    return { offset: offset + taken, counts: counts.slice(taken) };
  };
  const [positive, negative] = [rest(histogram.positive), rest(histogram.negative)];
  const zeroThreshold = Math.exp((last + 1) * Math.LN2 * 2 ** -scale);
  return { scale, zeroThreshold, zeroCount, positive, negative };
}

/** Returns the index of the exponential bucket that contains a value. */
function indexOf(value: number, scale: number): number {
  const exponent = Math.log2(value);
  // Treats powers of two separately. A bound belongs to the bucket below it, so the logarithm of a bound must be exact.
  if (Number.isInteger(exponent) && 2 ** exponent === value) return Math.floor(exponent * 2 ** scale) - 1;
  return Math.floor(Math.log(value) * Math.LOG2E * 2 ** scale);
}
