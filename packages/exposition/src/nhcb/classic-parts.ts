import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "@narthex/model";
import type { ExposedExemplar } from "../entries.ts";

interface Bucket {
  readonly bound: number;
  /** Observations up to the bound. */
  readonly count: number;
}

/** From here on floats are no whole numbers of 64 bits. */
const TOO_LARGE = 2 ** 63;

/** This many empty buckets in a row are kept where counts are whole; none where they are not. */
const KEPT_EMPTY = 2;

/** The series of one classic histogram, as they come. */
export class ClassicParts {
  /** `__name__`, family, name, value … without `le`, sorted by name. */
  readonly labels: readonly string[];
  readonly exemplars: ExposedExemplar[] = [];
  /** When the histogram began, ms; 0 where its first series does not say. */
  readonly startTimestamp: number;
  /** By rising bounds. */
  readonly #buckets: Bucket[] = [];
  #sum = 0;
  #count: number | undefined;
  /** Counts fell or were negative: the histogram is invalid. */
  #broken = false;

  constructor(labels: readonly string[], startTimestamp: number) {
    this.labels = labels;
    this.startTimestamp = startTimestamp;
  }

  add(part: "bucket" | "sum" | "count", bound: number, value: number, exemplars: readonly ExposedExemplar[]): void {
    this.exemplars.push(...exemplars);
    if (this.#broken) return;
    if (part === "sum") this.#sum = value;
    else if (value < 0) this.#broken = true;
    else if (part === "count") this.#count = value;
    else this.#addBucket(bound, value);
  }

  /** Of two buckets with one bound the first counts. */
  #addBucket(bound: number, count: number): void {
    const buckets = this.#buckets;
    let at = buckets.length;
    while (at > 0 && buckets[at - 1]!.bound > bound) at--;
    if (at > 0 && buckets[at - 1]!.bound === bound) return;
    // Written so that NaN passes, as upstream.
    const falls = at > 0 && count < buckets[at - 1]!.count;
    const rises = at < buckets.length && count > buckets[at]!.count;
    if (falls || rises) this.#broken = true;
    else buckets.splice(at, 0, { bound, count });
  }

  /** The histogram with custom buckets; undefined where the counts make none. */
  toHistogram(): FloatHistogram | undefined {
    if (this.#broken) return undefined;
    const buckets = [...this.#buckets];
    const count = this.#count ?? buckets.at(-1)?.count ?? 0;
    if (buckets.at(-1)?.bound !== Infinity) buckets.push({ bound: Infinity, count });
    if (count !== buckets.at(-1)!.count) return undefined;
    const integer = buckets.every((bucket) => isWhole(bucket.count)) && isWhole(count);
    const counts = buckets.map((bucket, i) => bucket.count - (i === 0 ? 0 : buckets[i - 1]!.count));
    const { spans, kept } = compacted(counts, integer ? KEPT_EMPTY : 0);
    return {
      resetHint: "unknown",
      schema: CUSTOM_BUCKETS_SCHEMA,
      zeroThreshold: 0,
      zeroCount: 0,
      count,
      sum: this.#sum,
      positiveSpans: spans,
      positiveBuckets: Float64Array.from(kept),
      negativeSpans: [],
      negativeBuckets: new Float64Array(0),
      customBounds: Float64Array.from(buckets.slice(0, -1), ({ bound }) => bound),
      integer,
    };
  }
}

const isWhole = (count: number): boolean => Number.isInteger(count) && count < TOO_LARGE;

/** Without empty buckets at the ends, and without those in between that are more than `maxEmpty` in a row. */
function compacted(counts: readonly number[], maxEmpty: number): { spans: Span[]; kept: number[] } {
  const spans: { offset: number; length: number }[] = [];
  const kept: number[] = [];
  let next = 0;
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const last = spans.at(-1);
    const gap = i - next;
    if (last === undefined || gap > maxEmpty) spans.push({ offset: gap, length: 1 });
    else {
      for (let empty = 0; empty < gap; empty++) kept.push(0);
      last.length += gap + 1;
    }
    kept.push(count);
    next = i + 1;
  }
  return { spans, kept };
}
