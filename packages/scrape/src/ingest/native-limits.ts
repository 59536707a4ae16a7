import { type FloatHistogram, reduceSchema } from "@narthex/model";

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;
/** Lowest schema of exponential buckets, including schemas that are reserved for later versions. */
const FIRST_RESERVED_SCHEMA = -9;
const LAST_RESERVED_SCHEMA = 52;

/**
 * Returns the finest schema from -4 to 8 whose buckets grow by at least `factor`. Returns 8 if the factor is at most 1.
 */
export function maxSchemaFor(factor: number): number {
  if (factor <= 1) return MAX_SCHEMA;
  return Math.min(MAX_SCHEMA, Math.max(MIN_SCHEMA, Math.floor(-Math.log2(Math.log2(factor))) + 0));
}

/**
 * Returns the histogram with a schema of at most `maxSchema`. Halves the resolution until the histogram has at most
 * `bucketLimit` buckets (0 for no limit). Returns undefined if no resolution has so few buckets. A histogram with a
 * schema that the storage refuses is returned unchanged.
 */
export function limitResolution(
  histogram: FloatHistogram,
  maxSchema: number,
  bucketLimit: number,
): FloatHistogram | undefined {
  const { schema } = histogram;
  const fits = ({ positiveBuckets, negativeBuckets }: FloatHistogram): boolean =>
    bucketLimit === 0 || positiveBuckets.length + negativeBuckets.length <= bucketLimit;
  if (schema < FIRST_RESERVED_SCHEMA || schema > LAST_RESERVED_SCHEMA) return fits(histogram) ? histogram : undefined;
  let current = schema > maxSchema ? reduceSchema(histogram, maxSchema) : histogram;
  while (!fits(current)) {
    if (current.schema <= MIN_SCHEMA) return undefined;
    current = reduceSchema(current, current.schema - 1);
  }
  return current;
}
