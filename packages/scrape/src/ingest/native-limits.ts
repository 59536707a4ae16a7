import { type FloatHistogram, reduceSchema } from "@narthex/model";

const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;
/** Schemas of exponential buckets, those included that are reserved for later. */
const FIRST_RESERVED_SCHEMA = -9;
const LAST_RESERVED_SCHEMA = 52;

/** The finest schema whose buckets grow by at least `factor`; 8 where the factor asks for nothing. */
export function maxSchemaFor(factor: number): number {
  if (factor <= 1) return MAX_SCHEMA;
  return Math.min(MAX_SCHEMA, Math.max(MIN_SCHEMA, Math.floor(-Math.log2(Math.log2(factor))) + 0));
}

/**
 * The histogram at a resolution no finer than `maxSchema`, and halved until it has at most `bucketLimit` buckets (0 = any).
 * undefined: no resolution has so few. A schema that the storage refuses stays as it is.
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
