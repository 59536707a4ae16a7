import { exponentialBound, formatFloat } from "@narthex/model";
import type { HistogramSide, HistogramValue } from "./metric-value.ts";

/** The API's codes for the inclusive bounds of a bucket: only the upper bound, only the lower bound, or both. */
const [UPPER, LOWER, BOTH] = [0, 1, 3];

/** A native histogram in the form of the JSON API. */
export interface NativeBuckets {
  readonly count: string;
  /** The non-empty buckets in ascending order: code for inclusive bounds, lower bound, upper bound, and count. */
  readonly buckets: readonly (readonly [bounds: number, lower: string, upper: string, count: string])[];
}

/** Returns the buckets of a native histogram, or undefined for a histogram without native buckets. */
export function nativeBuckets(histogram: HistogramValue): NativeBuckets | undefined {
  const { negative, positive, zeroThreshold, schema } = histogram;
  if (negative.spans.length + positive.spans.length === 0) return undefined;
  const isFloat = histogram.countFloat > 0 || histogram.zeroCountFloat > 0;
  const shown = (lower: number, upper: number, count: string, bounds: number): NativeBuckets["buckets"][number] => [
    bounds,
    formatFloat(lower),
    formatFloat(upper),
    count,
  ];
  const side = (of: HistogramSide): { readonly index: number; readonly count: string }[] =>
    isFloat ? bucketsOf(of, of.counts, formatFloat) : bucketsOf(of, sums(of.deltas), wholeCount);
  const zero = isFloat ? formatFloat(histogram.zeroCountFloat) : String(histogram.zeroCount);
  const bound = (index: number): number => exponentialBound(index, schema);
  return {
    count: isFloat ? formatFloat(histogram.countFloat) : String(histogram.count),
    buckets: [
      ...side(negative)
        .toReversed()
        .map(({ index, count }) => shown(-bound(index), -bound(index - 1), count, LOWER)),
      ...(zero === "0" ? [] : [shown(-zeroThreshold, zeroThreshold, zero, BOTH)]),
      ...side(positive).map(({ index, count }) => shown(bound(index - 1), bound(index), count, UPPER)),
    ],
  };
}

/** Returns index and count of each bucket that is not empty. */
function bucketsOf(
  { spans }: HistogramSide,
  counts: readonly number[],
  print: (count: number) => string,
): { index: number; count: string }[] {
  const buckets: { index: number; count: string }[] = [];
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length && at < counts.length; i++, index++, at++) {
      if (counts[at] !== 0) buckets.push({ index, count: print(counts[at]!) });
    }
  }
  return buckets;
}

function sums(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => (sum += delta));
}

/** Formats a count as an unsigned 64-bit integer, as Go does. A negative count becomes a very large number. */
const wholeCount = (count: number): string => String(BigInt.asUintN(64, BigInt(count)));
