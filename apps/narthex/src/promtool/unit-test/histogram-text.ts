import { type FloatHistogram, formatFloat, type Span } from "@narthex/model";

const HINTS: Readonly<Record<FloatHistogram["resetHint"], string>> = {
  unknown: "",
  reset: "reset",
  "not-reset": "not_reset",
  gauge: "gauge",
};

/**
 * Formats a native histogram in the notation of test scripts: `{{count:4 sum:5 buckets:[1 2 1]}}`. Parts that are zero
 * are left out.
 */
export function histogramText(histogram: FloatHistogram): string {
  const words: string[] = [];
  const put = (name: string, value: number): void => {
    if (value !== 0) words.push(`${name}:${formatFloat(value)}`);
  };
  put("schema", histogram.schema);
  put("count", histogram.count);
  put("sum", histogram.sum);
  put("z_bucket", histogram.zeroCount);
  put("z_bucket_w", histogram.zeroThreshold);
  if (histogram.customBounds !== undefined) words.push(`custom_values:[${listText(histogram.customBounds)}]`);
  const hint = HINTS[histogram.resetHint];
  if (hint !== "") words.push(`counter_reset_hint:${hint}`);
  words.push(...side("", histogram.positiveSpans, histogram.positiveBuckets));
  words.push(...side("n_", histogram.negativeSpans, histogram.negativeBuckets));
  return `{{${words.join(" ")}}}`;
}

/** Formats the offset and the buckets of the positive or the negative side. Gaps between spans become zeros. */
function side(prefix: string, spans: readonly Span[], counts: Float64Array): string[] {
  const [first, ...rest] = spans;
  if (first === undefined) return [];
  const dense = [...counts.subarray(0, first.length)];
  let next = first.length;
  for (const { offset, length } of rest) {
    dense.push(...Array<number>(offset).fill(0), ...counts.subarray(next, next + length));
    next += length;
  }
  return [...(first.offset === 0 ? [] : [`${prefix}offset:${first.offset}`]), `${prefix}buckets:[${listText(dense)}]`];
}

const listText = (values: Iterable<number>): string => Array.from(values, formatFloat).join(" ");
