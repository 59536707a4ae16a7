import type { Span } from "@narthex/model";

/** Maximum number of empty buckets within a span of a native histogram. A longer gap begins a new span. */
const LONGEST_GAP = 2;
/**
 * Largest number of bits by which JavaScript can shift. In Go, a larger shift gives the same result as a shift by 31,
 * because only the sign remains.
 */
const WIDEST_SHIFT = 31;

/** The positive or the negative buckets in the form of Prometheus' native histograms. */
export interface SparseBuckets {
  readonly spans: readonly Span[];
  readonly counts: Float64Array;
}

const NONE: SparseBuckets = { spans: [], counts: new Float64Array() };

/**
 * Converts dense OTLP buckets to the spans of a native histogram, and merges each 2^`scaleDown` buckets into one.
 * `shift` is 1 for exponential buckets, whose index is the upper bound in Prometheus and the lower bound in OTLP;
 * `shift` is 0 for custom bounds. After empty merged buckets, the next count is placed one bucket too low. Prometheus
 * has this error too, and a stored histogram must not change if a Prometheus server is replaced.
 */
export function sparseBuckets(dense: Float64Array, offset: number, scaleDown: number, shift: 0 | 1): SparseBuckets {
  if (dense.length === 0) return NONE;
  const by = Math.min(scaleDown, WIDEST_SHIFT);
  const indexOf = (i: number): number => ((((i + offset) | 0) >> by) + 1) | 0;
  const run = new SpanRun(shift === 1 ? indexOf(0) : offset);
  let next = indexOf(0);
  let count = 0;
  for (let i = 0; i < dense.length; i++) {
    const index = indexOf(i);
    if (index === next) count += dense[i]!;
    else if (count === 0) count = dense[i]!;
    else {
      run.add(index - next - 1, count);
      count = dense[i]!;
      next = index;
    }
  }
  run.add(indexOf(dense.length - 1) - next, count);
  return { spans: run.spans, counts: Float64Array.from(run.counts) };
}

class SpanRun {
  readonly spans: { offset: number; length: number }[];
  readonly counts: number[] = [];

  constructor(offset: number) {
    this.spans = [{ offset, length: 0 }];
  }

  /** Adds the count of a histogram bucket after `gap` empty buckets. */
  add(gap: number, count: number): void {
    if (gap > LONGEST_GAP) this.spans.push({ offset: gap, length: 0 });
    else for (let i = 0; i < gap; i++) this.#push(0);
    this.#push(count);
  }

  #push(count: number): void {
    this.spans.at(-1)!.length++;
    this.counts.push(count);
  }
}
