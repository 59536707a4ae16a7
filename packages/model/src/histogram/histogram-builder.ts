import { exponentialBound, forEachBucket, indexInSchema } from "./histogram-buckets.ts";
import { type CounterResetHint, CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "./histogram.ts";

/** An operation would combine a histogram with exponential buckets and a histogram with custom buckets. */
export class IncompatibleSchemaError extends Error {
  override readonly name = "IncompatibleSchemaError";
}

/** Describes which differences between two histograms were reconciled when they were added or subtracted. */
export interface Reconciliation {
  /** True if one histogram had the reset hint "reset" and the other histogram "not reset". */
  hintCollision: boolean;
  /** True if the custom bucket bounds differed. The result then has only the bounds that both histograms have. */
  boundsReconciled: boolean;
}

/**
 * The positive or the negative buckets of a histogram, as parallel lists in ascending order. `compensation` has the
 * rounding errors of Neumaier's summation.
 */
interface Side {
  index: number[];
  count: number[];
  compensation: number[];
}

const emptySide = (): Side => ({ index: [], count: [], compensation: [] });

function sideOf(spans: readonly Span[], buckets: Float64Array): Side {
  const side = emptySide();
  forEachBucket(spans, buckets, (index, count) => {
    side.index.push(index);
    side.count.push(count);
    side.compensation.push(0);
  });
  return side;
}

const NO_BUCKETS = new Float64Array(0);

/**
 * Returns the new rounding error of Neumaier's summation after `value` was added to `sum`. `total` is the result of
 * this addition.
 */
function compensate(compensation: number, sum: number, value: number, total: number): number {
  if (Math.abs(total) === Infinity) return 0;
  return Math.abs(sum) >= Math.abs(value) ? compensation + (sum - total + value) : compensation + (value - total + sum);
}

/**
 * A histogram for computations. It starts as a copy of a histogram, can be scaled and combined with other histograms,
 * and is converted back to a FloatHistogram. With `exact`, the rounding error of every field is recorded, so that
 * rounding errors of long sums do not accumulate.
 */
export class HistogramBuilder {
  hint: CounterResetHint;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  count: number;
  sum: number;
  customBounds: Float64Array | undefined;
  #zeroCompensation = 0;
  #countCompensation = 0;
  #sumCompensation = 0;
  #positive: Side;
  #negative: Side;
  readonly #exact: boolean;

  constructor(from: FloatHistogram, exact = false) {
    this.hint = from.resetHint;
    this.schema = from.schema;
    this.zeroThreshold = from.zeroThreshold;
    this.zeroCount = from.zeroCount;
    this.count = from.count;
    this.sum = from.sum;
    this.customBounds = from.customBounds;
    this.#positive = sideOf(from.positiveSpans, from.positiveBuckets);
    this.#negative = sideOf(from.negativeSpans, from.negativeBuckets);
    this.#exact = exact;
  }

  clone(): HistogramBuilder {
    const copy = new HistogramBuilder(EMPTY_HISTOGRAM, this.#exact);
    Object.assign(copy, {
      hint: this.hint,
      schema: this.schema,
      zeroThreshold: this.zeroThreshold,
      zeroCount: this.zeroCount,
    });
    Object.assign(copy, { count: this.count, sum: this.sum, customBounds: this.customBounds });
    copy.#zeroCompensation = this.#zeroCompensation;
    copy.#countCompensation = this.#countCompensation;
    copy.#sumCompensation = this.#sumCompensation;
    copy.#positive = cloneSide(this.#positive);
    copy.#negative = cloneSide(this.#negative);
    return copy;
  }

  get custom(): boolean {
    return this.schema === CUSTOM_BUCKETS_SCHEMA;
  }

  add(other: FloatHistogram): Reconciliation {
    return this.#combine(other, 1);
  }

  subtract(other: FloatHistogram): Reconciliation {
    return this.#combine(other, -1);
  }

  #combine(other: FloatHistogram, sign: 1 | -1): Reconciliation {
    if (this.custom !== (other.schema === CUSTOM_BUCKETS_SCHEMA))
      throw new IncompatibleSchemaError("incompatible schemas");
    const hintCollision = this.#mergeHint(other.resetHint);
    if (!this.custom) this.#addZero(this.#reconcileZero(other) * sign);
    this.#addTotals(other.count * sign, other.sum * sign);
    if (this.custom) return { hintCollision, boundsReconciled: this.#combineCustom(other, sign) };
    let positive = sideOf(other.positiveSpans, other.positiveBuckets);
    let negative = sideOf(other.negativeSpans, other.negativeBuckets);
    if (other.schema < this.schema) this.reduceTo(other.schema);
    if (other.schema > this.schema) {
      positive = reduced(positive, other.schema, this.schema);
      negative = reduced(negative, other.schema, this.schema);
    }
    this.#positive = this.#mergeSides(this.#positive, this.#aboveThreshold(positive), sign);
    this.#negative = this.#mergeSides(this.#negative, this.#aboveThreshold(negative), sign);
    return { hintCollision, boundsReconciled: false };
  }

  #addZero(value: number): void {
    const total = this.zeroCount + value;
    if (this.#exact) this.#zeroCompensation = compensate(this.#zeroCompensation, this.zeroCount, value, total);
    this.zeroCount = total;
  }

  #addTotals(count: number, sum: number): void {
    const newCount = this.count + count;
    const newSum = this.sum + sum;
    if (this.#exact) {
      this.#countCompensation = compensate(this.#countCompensation, this.count, count, newCount);
      this.#sumCompensation = compensate(this.#sumCompensation, this.sum, sum, newSum);
    }
    this.count = newCount;
    this.sum = newSum;
  }

  #mergeHint(other: CounterResetHint): boolean {
    if (other === this.hint || this.hint === "gauge") return false;
    if (other === "gauge") this.hint = "gauge";
    else if (this.hint !== "unknown") {
      const collision = other !== "unknown";
      this.hint = "unknown";
      return collision;
    }
    return false;
  }

  /**
   * Returns the buckets of another histogram that are outside the zero bucket of this histogram. The observations of
   * the omitted buckets are already included in the count of the zero bucket.
   */
  #aboveThreshold(side: Side): Side {
    const { zeroThreshold, schema } = this;
    let skip = 0;
    while (skip < side.index.length && exponentialBound(side.index[skip]!, schema) <= zeroThreshold) skip++;
    if (skip === 0) return side;
    return {
      index: side.index.slice(skip),
      count: side.count.slice(skip),
      compensation: side.compensation.slice(skip),
    };
  }

  /**
   * Widens the zero buckets of this and another histogram until both have the same width. Returns the count in the
   * widened zero bucket of the other histogram.
   */
  #reconcileZero(other: FloatHistogram): number {
    let otherCount = other.zeroCount;
    let otherThreshold = other.zeroThreshold;
    while (otherThreshold !== this.zeroThreshold) {
      if (this.zeroThreshold > otherThreshold) {
        ({ count: otherCount, threshold: otherThreshold } = zeroCountForThreshold(other, this.zeroThreshold));
      }
      if (otherThreshold > this.zeroThreshold) this.#widenZero(otherThreshold);
    }
    return otherCount;
  }

  #widenZero(threshold: number): void {
    const widened = zeroCountForThreshold(this.toHistogram(), threshold);
    if (this.#exact) this.#zeroCompensation = 0;
    this.zeroCount = widened.count;
    this.zeroThreshold = widened.threshold;
    this.#positive = this.#outsideZero(this.#positive);
    this.#negative = this.#outsideZero(this.#negative);
  }

  #outsideZero(side: Side): Side {
    return filterSide(side, (slot) => exponentialBound(side.index[slot]! - 1, this.schema) >= this.zeroThreshold);
  }

  #mergeSides(ours: Side, theirs: Side, sign: 1 | -1): Side {
    const merged = emptySide();
    let a = 0;
    let b = 0;
    while (a < ours.index.length || b < theirs.index.length) {
      const indexA = ours.index[a] ?? Infinity;
      const indexB = theirs.index[b] ?? Infinity;
      const sum = indexA <= indexB ? ours.count[a]! : 0;
      const value = indexB <= indexA ? theirs.count[b]! * sign : 0;
      let compensation = indexA <= indexB ? ours.compensation[a]! : 0;
      const total = sum + value;
      if (this.#exact) compensation = compensate(compensation, sum, value, total);
      merged.index.push(Math.min(indexA, indexB));
      merged.count.push(total);
      merged.compensation.push(compensation);
      if (indexA <= indexB) a++;
      if (indexB <= indexA) b++;
    }
    return merged;
  }

  /**
   * Adds or subtracts the custom buckets of another histogram. If the custom bounds of the two histograms differ, the
   * result has only the bounds that both histograms have.
   */
  #combineCustom(other: FloatHistogram, sign: 1 | -1): boolean {
    const theirs = sideOf(other.positiveSpans, other.positiveBuckets);
    if (sameBounds(this.customBounds, other.customBounds)) {
      this.#positive = this.#mergeSides(this.#positive, theirs, sign);
      return false;
    }
    const common = commonBounds(this.customBounds, other.customBounds);
    const left = ontoBounds(this.#positive, this.customBounds, common);
    const merged = this.#mergeSides(left, ontoBounds(theirs, other.customBounds, common), sign);
    this.#positive = filterSide(merged, (slot) => merged.count[slot] !== 0 || merged.compensation[slot] !== 0);
    this.customBounds = common;
    return true;
  }

  reduceTo(schema: number): this {
    if (this.custom || schema >= this.schema) return this;
    this.#positive = reduced(this.#positive, this.schema, schema);
    this.#negative = reduced(this.#negative, this.schema, schema);
    this.schema = schema;
    return this;
  }

  /** Multiplies every count and the sum by a factor. With a negative factor, the histogram becomes a gauge. */
  multiply(factor: number): this {
    this.#scale((value) => value * factor);
    if (factor < 0) this.hint = "gauge";
    return this;
  }

  /** Divides every count and the sum by a number. A division by zero removes all buckets. */
  divide(divisor: number): this {
    this.#scale((value) => value / divisor);
    if (divisor === 0) {
      this.#positive = emptySide();
      this.#negative = emptySide();
      return this;
    }
    if (divisor < 0) this.hint = "gauge";
    return this;
  }

  #scale(scale: (value: number) => number): void {
    this.zeroCount = scale(this.zeroCount);
    this.count = scale(this.count);
    this.sum = scale(this.sum);
    if (this.#exact) {
      this.#zeroCompensation = scale(this.#zeroCompensation);
      this.#countCompensation = scale(this.#countCompensation);
      this.#sumCompensation = scale(this.#sumCompensation);
    }
    for (const side of [this.#positive, this.#negative]) {
      side.count = side.count.map(scale);
      if (this.#exact) side.compensation = side.compensation.map(scale);
    }
  }

  get overflowed(): boolean {
    const infinite = (value: number): boolean => Math.abs(value) === Infinity;
    if (infinite(this.zeroCount) || infinite(this.count) || infinite(this.sum)) return true;
    return this.#positive.count.some(infinite) || this.#negative.count.some(infinite);
  }

  /** Removes empty buckets. */
  compact(): this {
    const keep = (side: Side): Side =>
      filterSide(side, (slot) => side.count[slot] !== 0 || side.compensation[slot] !== 0);
    this.#positive = keep(this.#positive);
    this.#negative = keep(this.#negative);
    return this;
  }

  toHistogram(): FloatHistogram {
    const positive = spansOf(this.#positive);
    const negative = spansOf(this.#negative);
    return {
      resetHint: this.hint,
      schema: this.schema,
      zeroThreshold: this.zeroThreshold,
      zeroCount: this.zeroCount + this.#zeroCompensation,
      count: this.count + this.#countCompensation,
      sum: this.sum + this.#sumCompensation,
      positiveSpans: positive.spans,
      positiveBuckets: positive.buckets,
      negativeSpans: negative.spans,
      negativeBuckets: negative.buckets,
      customBounds: this.customBounds,
    };
  }
}

/** A histogram of schema 0 without observations. */
export const EMPTY_HISTOGRAM: FloatHistogram = {
  resetHint: "unknown",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: [],
  positiveBuckets: NO_BUCKETS,
  negativeSpans: [],
  negativeBuckets: NO_BUCKETS,
  customBounds: undefined,
};

const cloneSide = (side: Side): Side => ({
  index: side.index.slice(),
  count: side.count.slice(),
  compensation: side.compensation.slice(),
});

function filterSide(side: Side, keep: (slot: number) => boolean): Side {
  const kept = emptySide();
  for (let slot = 0; slot < side.index.length; slot++) {
    if (!keep(slot)) continue;
    kept.index.push(side.index[slot]!);
    kept.count.push(side.count[slot]!);
    kept.compensation.push(side.compensation[slot]!);
  }
  return kept;
}

/** Merges buckets: adds up the counts of all buckets for which `target` returns the same index. */
function regrouped(side: Side, target: (index: number) => number): Side {
  const result = emptySide();
  for (let slot = 0; slot < side.index.length; slot++) {
    const index = target(side.index[slot]!);
    const last = result.index.length - 1;
    if (last >= 0 && result.index[last] === index) {
      result.count[last]! += side.count[slot]!;
      result.compensation[last]! += side.compensation[slot]!;
    } else {
      result.index.push(index);
      result.count.push(side.count[slot]!);
      result.compensation.push(side.compensation[slot]!);
    }
  }
  return result;
}

const reduced = (side: Side, from: number, to: number): Side =>
  regrouped(side, (index) => indexInSchema(index, from, to));

function ontoBounds(side: Side, bounds: Float64Array | undefined, target: Float64Array): Side {
  return regrouped(side, (index) => {
    const bound = bounds !== undefined && index < bounds.length ? bounds[index]! : Infinity;
    const at = target.findIndex((candidate) => candidate >= bound);
    return at < 0 ? target.length : at;
  });
}

export function sameBounds(a: Float64Array | undefined, b: Float64Array | undefined): boolean {
  const lengthA = a?.length ?? 0;
  if (lengthA !== (b?.length ?? 0)) return false;
  for (let i = 0; i < lengthA; i++) if (a![i] !== b![i]) return false;
  return true;
}

function commonBounds(a: Float64Array | undefined, b: Float64Array | undefined): Float64Array {
  const others = new Set(b);
  return (a ?? NO_BUCKETS).filter((bound) => others.has(bound));
}

function spansOf(side: Side): { spans: Span[]; buckets: Float64Array } {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of side.index) {
    const last = spans[spans.length - 1];
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return { spans, buckets: Float64Array.from(side.count, (count, slot) => count + side.compensation[slot]!) };
}

/**
 * Returns the count of the zero bucket after the zero bucket is widened to `threshold`. If the threshold is inside a
 * non-empty bucket, the zero bucket is widened to the end of that bucket.
 */
export function zeroCountForThreshold(
  histogram: FloatHistogram,
  threshold: number,
): { count: number; threshold: number } {
  if (threshold === histogram.zeroThreshold) return { count: histogram.zeroCount, threshold };
  for (;;) {
    let count = histogram.zeroCount;
    let moved = threshold;
    const absorb = (index: number, population: number): void => {
      if (exponentialBound(index - 1, histogram.schema) >= moved) return;
      count += population;
      const upper = exponentialBound(index, histogram.schema);
      if (upper > moved && population !== 0) moved = upper;
    };
    forEachBucket(histogram.positiveSpans, histogram.positiveBuckets, absorb);
    const afterPositive = moved;
    forEachBucket(histogram.negativeSpans, histogram.negativeBuckets, absorb);
    if (moved === afterPositive) return { count, threshold: moved };
    threshold = moved;
  }
}
