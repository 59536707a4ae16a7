import type { SampleSpans } from "@narthex/storage";
import type { WindowFrame } from "./operator.ts";

/**
 * Windows over the samples of a series. The window for evaluation time i has the samples with the indexes from[i] …
 * to[i]-1.
 */
export interface WindowBounds {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * Windows over a series that is stored in several pieces (spans). Only the ends of each window are computed, by
 * arithmetic if times are regular; the samples in between are not visited.
 */
export class SpanWindows implements WindowBounds {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /**
   * Number of samples in all windows: `looked` counts a sample once for each window that contains it, `fresh` counts
   * each sample once.
   */
  looked = 0;
  fresh = 0;
  /** Identifies the current windows. The number changes whenever the windows change. */
  layout = 0;
  readonly #firstEnd: number;
  readonly #stride: number;
  readonly #rangeMs: number;
  #runs = new TimeRuns();
  /** The times of the previous series, as runs of equal distances. */
  #laid = new TimeRuns();

  constructor({ grid, firstEnd, stride, rangeMs }: Pick<WindowFrame, "grid" | "firstEnd" | "stride" | "rangeMs">) {
    this.from = new Int32Array(grid.count);
    this.to = new Int32Array(grid.count);
    this.#firstEnd = firstEnd;
    this.#stride = stride;
    this.#rangeMs = rangeMs;
  }

  /**
   * Computes the windows of a series. Keeps the windows of the previous series if both have the same times, as is usual
   * within a target.
   */
  lay(spans: SampleSpans): void {
    const runs = this.#runs;
    runs.of(spans);
    if (runs.equal(this.#laid)) return;
    this.layout++;
    this.#find(spans, this.#firstEnd, this.to);
    this.#find(spans, this.#firstEnd - this.#rangeMs, this.from);
    this.#count();
    this.#runs = this.#laid;
    this.#laid = runs;
  }

  /** Finds, for each evaluation time, the first sample that is later than an edge of its window. */
  #find(spans: SampleSpans, first: number, into: Int32Array): void {
    const runs = this.#runs;
    let run = 0;
    let sample = 0;
    for (let step = 0; step < into.length; step++) {
      const bound = first + step * this.#stride;
      while (run < runs.count && runs.last[run]! <= bound) sample = runs.end[run++]!;
      if (run < runs.count && runs.first[run]! <= bound) sample = runs.beyond(spans, run, bound, sample);
      into[step] = sample;
    }
  }

  #count(): void {
    const { from, to } = this;
    let looked = 0;
    let fresh = 0;
    let known = 0;
    for (let step = 0; step < from.length; step++) {
      looked += to[step]! - from[step]!;
      fresh += to[step]! - Math.max(known, from[step]!);
      known = to[step]!;
    }
    this.looked = looked;
    this.fresh = fresh;
  }
}

/**
 * The times of a series as runs of equal distances. The runs do not depend on the pieces (spans) in which the series is
 * stored.
 */
class TimeRuns {
  count = 0;
  first = new Float64Array(8);
  last = new Float64Array(8);
  /** Distance in ms between the times of each run. 0 marks a piece with varying distances, which is a separate run. */
  step = new Float64Array(8);
  span = new Int32Array(8);
  /** For each run, the index of the first sample that follows the run. */
  end = new Int32Array(8);

  of(spans: SampleSpans): void {
    this.count = 0;
    for (let span = 0; span < spans.count; span++) if (!this.#continue(spans, span)) this.#begin(spans, span);
  }

  /** Returns whether a piece (span) of the series continues the previous run. A single sample continues any run. */
  #continue({ first, last, step, before }: SampleSpans, span: number): boolean {
    const run = this.count - 1;
    if (run < 0 || step[span] === 0 || this.step[run] === 0) return false;
    const distance = first[span]! - this.last[run]!;
    if (this.first[run] !== this.last[run] && this.step[run] !== distance) return false;
    if (first[span] !== last[span] && step[span] !== distance) return false;
    this.step[run] = distance;
    this.last[run] = last[span]!;
    this.end[run] = before[span + 1]!;
    return true;
  }

  #begin({ first, last, step, before }: SampleSpans, span: number): void {
    if (this.count === this.first.length) this.#grow();
    const run = this.count++;
    this.first[run] = first[span]!;
    this.last[run] = last[span]!;
    this.step[run] = step[span]!;
    this.span[run] = span;
    this.end[run] = before[span + 1]!;
  }

  /**
   * Returns whether two series have the same times. Returns false for runs with varying distances, and for series
   * without samples.
   */
  equal({ count, first, last, step }: TimeRuns): boolean {
    if (this.count !== count) return false;
    for (let run = 0; run < count; run++) {
      if (this.step[run] !== step[run] || this.step[run] === 0) return false;
      if (this.first[run] !== first[run] || this.last[run] !== last[run]) return false;
    }
    return count > 0;
  }

  /** Returns the index of the first sample in a run that is later than `bound`. The result is at least `sample`. */
  beyond(spans: SampleSpans, run: number, bound: number, sample: number): number {
    const begin = run === 0 ? 0 : this.end[run - 1]!;
    if (this.step[run] !== 0) return begin + Math.floor((bound - this.first[run]!) / this.step[run]!) + 1;
    let index = sample - begin;
    while (spans.timeAt(this.span[run]!, index) <= bound) index++;
    return begin + index;
  }

  #grow(): void {
    for (const name of ["first", "last", "step"] as const) {
      const grown = new Float64Array(this.count * 2);
      grown.set(this[name]);
      this[name] = grown;
    }
    for (const name of ["span", "end"] as const) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this[name]);
      this[name] = grown;
    }
  }
}

/**
 * Reads, for each evaluation time, the value of the sample with index `samples[step] + shift`, if that sample exists.
 * The indexes in `samples` must ascend.
 */
export function valuesAt(spans: SampleSpans, samples: Int32Array, shift: number, into: Float64Array): void {
  const { count, before, words, doubles, base, at } = spans;
  let step = 0;
  while (step < samples.length && samples[step]! + shift < 0) step++;
  for (let span = 0; span < count && step < samples.length; span++) {
    const end = before[span + 1]! - shift;
    if (samples[step]! >= end) continue;
    /** Difference between the index of a sample in the stored array and its index in the series. */
    const offset = at[span]! - before[span]! + shift;
    const distances = words[span];
    if (distances instanceof Int16Array) step = pickSmall(distances, base[span]!, offset, samples, step, end, into);
    else if (distances !== undefined) step = pickLarge(distances, base[span]!, offset, samples, step, end, into);
    else step = pickDoubles(doubles[span]!, offset, samples, step, end, into);
  }
}

// Reads values from an Int16Array of differences. One loop per kind of array is several times as fast as a common loop.
// Returns the first step whose sample is not in the span.

function pickSmall(
  words: Int16Array,
  base: number,
  offset: number,
  samples: Int32Array,
  first: number,
  end: number,
  into: Float64Array,
): number {
  let step = first;
  for (; step < samples.length; step++) {
    const sample = samples[step]!;
    if (sample >= end) break;
    into[step] = base + words[offset + sample]!;
  }
  return step;
}

function pickLarge(
  words: Int32Array,
  base: number,
  offset: number,
  samples: Int32Array,
  first: number,
  end: number,
  into: Float64Array,
): number {
  let step = first;
  for (; step < samples.length; step++) {
    const sample = samples[step]!;
    if (sample >= end) break;
    into[step] = base + words[offset + sample]!;
  }
  return step;
}

function pickDoubles(
  doubles: Float64Array,
  offset: number,
  samples: Int32Array,
  first: number,
  end: number,
  into: Float64Array,
): number {
  let step = first;
  for (; step < samples.length; step++) {
    const sample = samples[step]!;
    if (sample >= end) break;
    into[step] = doubles[offset + sample]!;
  }
  return step;
}

/** Reads the times of the samples whose values valuesAt() reads. */
export function timesAt(spans: SampleSpans, samples: Int32Array, shift: number, into: Float64Array): void {
  const { before } = spans;
  const { samples: all } = spans;
  let span = 0;
  for (let step = 0; step < samples.length; step++) {
    const sample = samples[step]! + shift;
    if (sample < 0) continue;
    if (sample >= all) break;
    while (sample >= before[span + 1]!) span++;
    into[step] = spans.timeAt(span, sample - before[span]!);
  }
}
