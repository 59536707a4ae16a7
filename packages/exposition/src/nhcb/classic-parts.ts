import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "@narthex/model";
import type { ExposedExemplar } from "../entries.ts";
import { ExpositionError } from "../problem.ts";

interface Bucket {
  readonly bound: number;
  /** Number of observations less than or equal to the bucket's upper bound. */
  readonly count: number;
}

/** Limit of signed 64-bit integers. Floats from this value on do not fit. */
const TOO_LARGE = 2 ** 63;

/**
 * Maximum number of consecutive empty buckets that a converted histogram keeps if its counts are integers. With float
 * counts, no empty bucket is kept.
 */
const KEPT_EMPTY = 2;

/**
 * Maximum number of series of one classic histogram. Real histograms have a few dozen. The limit is needed because they
 * are sorted and converted in one step.
 */
const MAX_PARTS = 100_000;

/** Collects the series of one classic histogram. */
export class ClassicParts {
  /** Labels of the histogram as a list: `__name__`, family, name, value … without `le`, sorted by name. */
  readonly labels: readonly string[];
  readonly exemplars: ExposedExemplar[] = [];
  /** Start time of the histogram, ms, or 0 if its first series does not contain it. */
  readonly startTimestamp: number;
  /** Buckets of the classic histogram in the order of the exposition. */
  readonly #buckets: Bucket[] = [];
  /** Whether the buckets so far have rising upper bounds. */
  #rising = true;
  #added = 0;
  #sum = 0;
  #count: number | undefined;
  /** Whether a bucket count is negative or less than the count of a lower bucket. The histogram is then invalid. */
  #broken = false;

  constructor(labels: readonly string[], startTimestamp: number) {
    this.labels = labels;
    this.startTimestamp = startTimestamp;
  }

  /** Adds a series of the classic histogram. Throws ExpositionError if the histogram has too many series. */
  add(part: "bucket" | "sum" | "count", bound: number, value: number, exemplars: readonly ExposedExemplar[]): void {
    if (this.#added++ === MAX_PARTS) {
      throw new ExpositionError(`more than ${MAX_PARTS} series in one classic histogram`, 0);
    }
    for (const item of exemplars) this.exemplars.push(item);
    if (this.#broken) return;
    if (part === "sum") this.#sum = value;
    else if (value < 0) this.#broken = true;
    else if (part === "count") this.#count = value;
    else this.#addBucket(bound, value);
  }

  #addBucket(bound: number, count: number): void {
    const last = this.#buckets.at(-1);
    if (last?.bound === bound) return;
    if (last !== undefined && bound < last.bound) this.#rising = false;
    if (this.#rising && last !== undefined && count < last.count) this.#broken = true;
    else this.#buckets.push({ bound, count });
  }

  /**
   * Returns the buckets sorted by upper bound, or undefined if their counts fall. If two buckets have the same bound,
   * uses the first one.
   */
  #sorted(): Bucket[] | undefined {
    if (this.#rising) return [...this.#buckets];
    const sorted: Bucket[] = [];
    for (const bucket of this.#buckets.toSorted(compareBounds)) {
      const last = sorted.at(-1);
      if (last?.bound === bucket.bound) continue;
      // Accepts a NaN count, as Prometheus does.
      if (last !== undefined && bucket.count < last.count) return undefined;
      sorted.push(bucket);
    }
    return sorted;
  }

  /** Returns the histogram with custom buckets, or undefined if the counts are invalid. */
  toHistogram(): FloatHistogram | undefined {
    if (this.#broken) return undefined;
    const buckets = this.#sorted();
    if (buckets === undefined) return undefined;
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

/** Compares buckets by their upper bounds. A bucket with the bound NaN is last. */
const compareBounds = ({ bound: a }: Bucket, { bound: b }: Bucket): number =>
  a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

const isWhole = (count: number): boolean => Number.isInteger(count) && count < TOO_LARGE;

/**
 * Removes empty buckets at both ends. Between other buckets, removes each run of more than `maxEmpty` empty buckets.
 */
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
