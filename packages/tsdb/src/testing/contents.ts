import { type FloatHistogram, Matcher, type Span, STALE_HIGH, STALE_LOW } from "@narthex/model";
import { type Queryable, SampleColumns } from "@narthex/storage";

/** Selects the part of a storage's content to read; by default everything. */
export interface Reading {
  readonly from?: number;
  /** End of the time range, inclusive, ms. */
  readonly to?: number;
  readonly matcher?: Matcher;
  /** Receives each warning of the result. */
  readonly warn?: (warning: string) => void;
}

/** Reads the content of a storage as texts, one series after the other. The text of a value contains all its bits. */
export async function contentsOf(
  queryable: Queryable,
  { from = -Infinity, to = Infinity, matcher = new Matcher("=~", "__name__", ".+"), warn = () => {} }: Reading = {},
): Promise<Map<string, Map<number, string>>> {
  const querier = queryable.querier(from, to);
  try {
    const set = await querier.select([matcher], { start: from, end: to });
    set.warnings.forEach(warn);
    const into = new SampleColumns();
    const contents = new Map<string, Map<number, string>>();
    for (const [index, labels] of set.labels.entries()) {
      set.read(index, from, to, into);
      const samples = new Map<number, string>();
      for (let i = 0; i < into.count; i++) {
        const histogram = into.histograms?.[i];
        const value =
          histogram === undefined
            ? floatText(into.valueWords[i * 2 + 1]!, into.valueWords[i * 2]!)
            : histogramText(histogram);
        if (samples.has(into.timestamps[i]!)) samples.set(into.timestamps[i]!, `twice: ${value}`);
        else samples.set(into.timestamps[i]!, value);
      }
      // Leaves out a series without samples in the time range.
      if (samples.size > 0) contents.set(labels.toString(), samples);
    }
    return contents;
  } finally {
    querier.close();
  }
}

/**
 * Text of a stale marker. Floats and histograms have the same text, because the kind of a marker is the kind of the
 * previous sample.
 */
const STALE_TEXT = "stale";

export const floatText = (high: number, low: number): string =>
  high === STALE_HIGH && low === STALE_LOW ? STALE_TEXT : `${high.toString(16)}:${low.toString(16)}`;

/**
 * Formats a histogram as text. Leaves out its layout, since writing adds empty buckets, and its reset hint, which
 * depends on the previous sample.
 */
export function histogramText(histogram: FloatHistogram): string {
  if (histogram.stale === true) return STALE_TEXT;
  const { schema, count, sum, zeroCount, zeroThreshold, customBounds, integer, resetHint } = histogram;
  const positive = bucketText(histogram.positiveSpans, histogram.positiveBuckets);
  const negative = bucketText(histogram.negativeSpans, histogram.negativeBuckets);
  const kind = `${resetHint === "gauge" ? "gauge " : ""}${integer === true ? "int" : "float"}`;
  const bounds = customBounds === undefined ? "" : ` bounds ${customBounds.join(" ")}`;
  return `${kind} ${schema} ${count} ${sum} ${zeroCount} ${zeroThreshold} [${positive}] [${negative}]${bounds}`;
}

function bucketText(spans: readonly Span[], buckets: Float64Array): string {
  const parts: string[] = [];
  let at = 0;
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, at++) {
      if (buckets[at] !== 0) parts.push(`${index}:${buckets[at]}`);
    }
  }
  return parts.join(" ");
}
