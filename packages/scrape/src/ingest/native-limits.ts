import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, forEachBucket, type Span } from "@narthex/model";

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

/** The finest schema whose buckets grow by at least `factor`; 8 where the factor asks for nothing. */
export function maxSchemaFor(factor: number): number {
  if (factor <= 1) return MAX_SCHEMA;
  return Math.min(MAX_SCHEMA, Math.max(MIN_SCHEMA, Math.floor(-Math.log2(Math.log2(factor))) + 0));
}

/** The histogram at a resolution no finer than `maxSchema`, and halved until it has at most `bucketLimit` buckets (0 = any). */
export function limitResolution(
  histogram: FloatHistogram,
  maxSchema: number,
  bucketLimit: number,
): FloatHistogram | undefined {
  const custom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  const fits = (candidate: FloatHistogram): boolean =>
    bucketLimit === 0 || candidate.positiveBuckets.length + candidate.negativeBuckets.length <= bucketLimit;
  if (custom) return fits(histogram) ? histogram : undefined;
  let current = histogram;
  while (current.schema > maxSchema || !fits(current)) {
    if (current.schema <= MIN_SCHEMA) return undefined;
    current = halved(current);
  }
  return current;
}

/** The same observations one schema coarser: each bucket holds two of the old ones. */
function halved(histogram: FloatHistogram): FloatHistogram {
  const positive = merged(histogram.positiveSpans, histogram.positiveBuckets);
  const negative = merged(histogram.negativeSpans, histogram.negativeBuckets);
  return {
    ...histogram,
    schema: histogram.schema - 1,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function merged(spans: readonly Span[], buckets: Float64Array): { spans: Span[]; buckets: Float64Array } {
  const counts = new Map<number, number>();
  forEachBucket(spans, buckets, (index, count) => {
    const target = ((index - 1) >> 1) + 1;
    counts.set(target, (counts.get(target) ?? 0) + count);
  });
  const out: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of counts.keys()) {
    const last = out.at(-1);
    if (last !== undefined && index === next) last.length++;
    else out.push({ offset: last === undefined ? index : index - next, length: 1 });
    next = index + 1;
  }
  return { spans: out, buckets: Float64Array.from(counts.values()) };
}
