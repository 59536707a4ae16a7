import type { Span } from "@narthex/model";

/** Longest run of empty buckets that is written out instead of beginning a new span. */
const LONGEST_GAP = 2;
/** In Go a wider shift than the number's width gives the sign. */
const WIDEST_SHIFT = 31;

/** Buckets in the form of native histograms. */
export interface SparseBuckets {
  readonly spans: readonly Span[];
  readonly counts: Float64Array;
}

const NONE: SparseBuckets = { spans: [], counts: new Float64Array() };

/**
 * Converts dense buckets to spans of Prometheus' native histograms, merging 2^`scaleDown` of them into one. The indices
 * of exponential buckets are upper bounds there and lower bounds in OTLP: `shift` is 1 for them, 0 for buckets with
 * custom bounds.
 *
 * If buckets are merged and some of the merged ones are empty, Prometheus puts the next count one bucket too low. This
 * function does the same, since histograms of one series must not change their buckets when the server is replaced.
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

  /** Adds a count after `gap` empty buckets. */
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
