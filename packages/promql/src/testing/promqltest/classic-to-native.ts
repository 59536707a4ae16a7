import {
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  type Labels,
  METRIC_NAME,
  parseGoFloat,
  type Span,
} from "@narthex/model";

/** The buckets, count and sum of one classic histogram at one time. */
interface ClassicHistogram {
  /** Cumulative counts by upper bound. */
  readonly buckets: Map<number, number>;
  count: number | undefined;
  sum: number;
}

export interface ClassicSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
}

export interface NativeSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly histogram: FloatHistogram;
}

const SUFFIX = /^(.*)_(bucket|count|sum)$/s;

/**
 * Converts `_bucket`, `_count` and `_sum` floats to histograms with custom buckets under the base name, in order of
 * time. Throws an Error if the counts are impossible for a histogram.
 */
export function classicToNative(samples: Iterable<ClassicSample>): NativeSample[] {
  const collected = new Map<string, { labels: Labels; byTime: Map<number, ClassicHistogram> }>();
  for (const { labels, timestamp, value } of samples) {
    const match = SUFFIX.exec(labels.get(METRIC_NAME));
    if (match === null) continue;
    const [, name, suffix] = match as unknown as [string, string, string];
    const bound = suffix === "bucket" ? parseGoFloat(labels.get("le")) : 0;
    if (bound === undefined || Number.isNaN(bound)) continue;
    const base = labels.with({ [METRIC_NAME]: name, le: "" });
    const series = collected.get(base.key) ?? { labels: base, byTime: new Map<number, ClassicHistogram>() };
    collected.set(base.key, series);
    const histogram = series.byTime.get(timestamp) ?? { buckets: new Map<number, number>(), count: undefined, sum: 0 };
    series.byTime.set(timestamp, histogram);
    if (suffix === "count") histogram.count = value;
    else if (suffix === "sum") histogram.sum = value;
    else if (!histogram.buckets.has(bound)) histogram.buckets.set(bound, value);
  }
  return [...collected.values()].flatMap(({ labels, byTime }) =>
    [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([timestamp, classic]) => ({ labels, timestamp, histogram: toNative(classic) })),
  );
}

function toNative({ buckets, count, sum }: ClassicHistogram): FloatHistogram {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = count ?? sorted.at(-1)?.[1] ?? 0;
  if (sorted.at(-1)?.[0] !== Infinity) sorted.push([Infinity, total]);
  const counts = new Float64Array(sorted.length);
  sorted.forEach(([, cumulative], i) => {
    const below = sorted[i - 1]?.[1] ?? 0;
    if (cumulative < below) throw new Error(`count is not cumulative: ${cumulative} < ${below}`);
    counts[i] = cumulative - below;
  });
  if (total !== sorted.at(-1)![1])
    throw new Error(`count mismatch: count=${total} != le=+Inf count=${sorted.at(-1)![1]}`);
  const whole = [total, ...sorted.map(([, cumulative]) => cumulative)].every(Number.isInteger);
  const { spans, kept } = withoutGaps(counts, whole ? WHOLE_GAP : 0);
  return {
    resetHint: "unknown",
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum,
    positiveSpans: spans,
    positiveBuckets: kept,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customBounds: Float64Array.from(sorted.slice(0, -1), ([bound]) => bound),
  };
}

/** Maximum number of consecutive empty buckets that remain in a histogram of whole numbers. */
const WHOLE_GAP = 2;

/** Removes each run of more than `gap` consecutive empty buckets. Shorter runs of empty buckets are kept. */
function withoutGaps(counts: Float64Array, gap: number): { spans: Span[]; kept: Float64Array } {
  const spans: { offset: number; length: number }[] = [];
  const kept: number[] = [];
  let end = 0;
  counts.forEach((count, index) => {
    if (count === 0) return;
    const last = spans.at(-1);
    if (last === undefined || index - end > gap) spans.push({ offset: index - end, length: 1 });
    else {
      for (let empty = end; empty < index; empty++) kept.push(0);
      last.length += index - end + 1;
    }
    kept.push(count);
    end = index + 1;
  });
  return { spans, kept: Float64Array.from(kept) };
}
