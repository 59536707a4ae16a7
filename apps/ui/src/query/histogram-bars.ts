import type { Bucket } from "../api/query-result.ts";

/** Scale of the axis below a histogram. */
export type BarScale = "exponential" | "linear";

/** A bar of the histogram. Positions and sizes are fractions of the drawing, 0 to 1. */
export interface Bar {
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly bucket: Bucket;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Parses a bucket bound. `+Inf` and `-Inf` mean that the bucket is open on this side. */
function boundOf(text: string): number {
  if (text.endsWith("Inf")) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

/** Returns a logarithm that passes through zero: bounds closer to zero than the smallest one are mapped to zero. */
function signedLog(smallest: number): (bound: number) => number {
  return (bound) => {
    const size = Math.abs(bound);
    return size < smallest ? 0 : Math.sign(bound) * (Math.log(size) - Math.log(smallest) + 1);
  };
}

/**
 * Returns the smallest and the largest finite number; 0 for both without finite numbers. The loop avoids spread
 * arguments, whose number is limited.
 */
function extentOf(numbers: readonly number[]): { readonly low: number; readonly high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const number of numbers) {
    if (!Number.isFinite(number)) continue;
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return low > high ? { low: 0, high: 0 } : { low, high };
}

function spans(buckets: readonly Bucket[], scale: BarScale): Span[] {
  const bounds = buckets.flatMap(([, low, high]) => [boundOf(low), boundOf(high)]);
  const smallest = extentOf(bounds.map(Math.abs).filter((size) => size > 0)).low;
  const scaled = scale === "linear" ? (bound: number) => bound : signedLog(smallest || Number.MAX_VALUE);
  const { low, high } = extentOf(bounds.map(scaled));
  // Width of an open bucket: a tenth of the range of the finite bounds.
  const margin = (high - low || 1) / 10;
  const at = (bound: number): number =>
    Number.isFinite(bound) ? scaled(bound) : bound < 0 ? low - margin : high + margin;
  return buckets.map(([, from, to]) => ({ from: at(boundOf(from)), to: at(boundOf(to)) }));
}

/**
 * Returns the bars of a native histogram. The height is the count on an exponential scale, or the density on a linear
 * scale, so that areas are proportional to counts.
 */
export function histogramBars(buckets: readonly Bucket[], scale: BarScale): Bar[] {
  const placed = spans(buckets, scale);
  const { low } = extentOf(placed.map(({ from }) => from));
  const width = extentOf(placed.map(({ to }) => to)).high - low || 1;
  const weights = placed.map((span, index) => {
    const count = Math.abs(Number(buckets[index]?.[3] ?? 0));
    return scale === "linear" ? count / (span.to - span.from || width) : count;
  });
  const top = Math.max(extentOf(weights).high, Number.MIN_VALUE);
  return placed.map((span, index) => ({
    left: (span.from - low) / width,
    width: (span.to - span.from) / width,
    height: (weights[index] ?? 0) / top,
    bucket: buckets[index] as Bucket,
  }));
}

const brackets = ["(]", "[)", "()", "[]"];

/** Returns a bucket's bounds in interval notation: `(0.5, 1]`. */
export function bucketRange([rule, low, high]: Bucket): string {
  const pair = brackets[rule] ?? "[]";
  return `${pair[0]}${low}, ${high}${pair[1]}`;
}
