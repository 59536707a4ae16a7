import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "@narthex/model";

/** Information about counter resets, in the two highest bits of a histogram chunk's third byte. */
export type ChunkHeader = "unknown" | "reset" | "not-reset" | "gauge";

/** Properties that all histograms of a chunk share, such as resolution and buckets. */
export interface HistogramShape {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly customBounds: Float64Array | undefined;
}

const EMPTY = new Float64Array(0);

/** Returns the stale marker that ends a histogram series. */
export const staleHistogram = (integer: boolean): FloatHistogram => ({
  resetHint: "unknown",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: NaN,
  positiveSpans: [],
  positiveBuckets: EMPTY,
  negativeSpans: [],
  negativeBuckets: EMPTY,
  customBounds: undefined,
  stale: true,
  integer,
});

/**
 * Returns an empty histogram with the resolution of the given histogram. Used as the zero sample of a histogram series.
 */
export const emptyLike = ({ schema, zeroThreshold, customBounds, integer }: FloatHistogram): FloatHistogram => ({
  ...staleHistogram(integer ?? false),
  resetHint: "reset",
  schema,
  zeroThreshold,
  sum: 0,
  customBounds,
  stale: false,
});

export const sameSpans = (a: readonly Span[], b: readonly Span[]): boolean =>
  a.length === b.length && a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length);

const sameNumbers = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

/** Returns whether two histograms have equal custom bounds. Only schema -53 has custom bounds. */
export const sameBounds = (a: HistogramShape, b: HistogramShape): boolean =>
  a.schema !== CUSTOM_BUCKETS_SCHEMA || sameNumbers(a.customBounds ?? EMPTY, b.customBounds ?? EMPTY);

/** Returns whether two histograms have the same counts in the same buckets. Reset hints are ignored. */
export function sameHistogram(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a.stale === true || b.stale === true) return a.stale === b.stale;
  return (
    (a.integer ?? false) === (b.integer ?? false) &&
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    a.zeroCount === b.zeroCount &&
    a.count === b.count &&
    Object.is(a.sum, b.sum) &&
    sameBounds(a, b) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.positiveBuckets, b.positiveBuckets) &&
    sameNumbers(a.negativeBuckets, b.negativeBuckets)
  );
}

function bucketNumbers(spans: readonly Span[]): number[] {
  const numbers: number[] = [];
  let next = 0;
  for (const { offset, length } of spans) {
    next += offset;
    for (let i = 0; i < length; i++) numbers.push(next++);
  }
  return numbers;
}

/** Returns the spans that cover the given bucket numbers, which must be ascending. */
function spansOf(numbers: readonly number[]): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const number of numbers) {
    const open = spans.at(-1);
    if (open !== undefined && number === next) open.length++;
    else spans.push({ offset: number - next, length: 1 });
    next = number + 1;
  }
  return spans;
}

/** Returns spans that cover the buckets of `a` and `b`. Returns `a` itself if it covers all of them. */
export function unionSpans(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  if (sameSpans(a, b)) return a;
  const own = bucketNumbers(a);
  const all = [...new Set([...own, ...bucketNumbers(b)])].sort((x, y) => x - y);
  return all.length === own.length ? a : spansOf(all);
}

/**
 * Converts bucket counts from the spans `from` to the spans `to`, which cover more buckets. New buckets get the count
 * 0.
 */
export function spread(buckets: Float64Array, from: readonly Span[], to: readonly Span[]): Float64Array {
  if (sameSpans(from, to)) return buckets;
  const counts = new Map(bucketNumbers(from).map((number, i) => [number, buckets[i]!]));
  return Float64Array.from(bucketNumbers(to), (number) => counts.get(number) ?? 0);
}

/** Returns whether the count of any bucket in `before` is lower or missing in `after`. */
export function hasDecreased(
  before: Float64Array,
  beforeSpans: readonly Span[],
  after: Float64Array,
  afterSpans: readonly Span[],
): boolean {
  if (sameSpans(beforeSpans, afterSpans)) return before.some((count, i) => after[i]! < count);
  const counts = new Map(bucketNumbers(afterSpans).map((number, i) => [number, after[i]!]));
  return bucketNumbers(beforeSpans).some((number, i) => (counts.get(number) ?? 0) < before[i]!);
}
