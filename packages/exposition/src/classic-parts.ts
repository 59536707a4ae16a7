import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import type { ExposedExemplar } from "./entries.ts";

/** The series of one classic histogram, as they come. */
export class ClassicParts {
  /** `__name__`, family, name, value … without `le`. */
  readonly labels: readonly string[];
  readonly timestamp: number;
  readonly exemplars: ExposedExemplar[] = [];
  readonly #buckets = new Map<number, number>();
  #sum = 0;
  #count: number | undefined;

  constructor(labels: readonly string[], timestamp: number) {
    this.labels = labels;
    this.timestamp = timestamp;
  }

  add(part: "bucket" | "sum" | "count", bound: number, value: number, exemplars: readonly ExposedExemplar[]): void {
    this.exemplars.push(...exemplars);
    if (part === "bucket") this.#buckets.set(bound, value);
    else if (part === "sum") this.#sum = value;
    else this.#count = value;
  }

  /** The histogram with custom buckets; undefined where the counts do not rise. */
  toHistogram(): FloatHistogram | undefined {
    const buckets = [...this.#buckets].toSorted(([a], [b]) => a - b);
    const last = buckets.at(-1);
    const count = this.#count ?? last?.[1];
    if (count === undefined) return undefined;
    if (last === undefined || last[0] !== Infinity) buckets.push([Infinity, count]);
    const counts = new Float64Array(buckets.length);
    let below = 0;
    for (const [i, [, cumulative]] of buckets.entries()) {
      if (!(cumulative >= below)) return undefined;
      counts[i] = cumulative - below;
      below = cumulative;
    }
    if (below !== count) return undefined;
    return {
      resetHint: "unknown",
      schema: CUSTOM_BUCKETS_SCHEMA,
      zeroThreshold: 0,
      zeroCount: 0,
      count,
      sum: this.#sum,
      positiveSpans: [{ offset: 0, length: counts.length }],
      positiveBuckets: counts,
      negativeSpans: [],
      negativeBuckets: new Float64Array(0),
      customBounds: Float64Array.from(buckets.slice(0, -1), ([bound]) => bound),
      integer: buckets.every(([, cumulative]) => Number.isInteger(cumulative)) && Number.isInteger(count),
    };
  }
}
