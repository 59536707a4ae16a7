import type { SampleSpans } from "@narthex/storage";
import { FLOAT, type SeriesColumn, type WindowFrame } from "../operators/operator.ts";
import { timesAt, valuesAt } from "../operators/span-windows.ts";
import type { WindowedSpans, WindowedSeries } from "../operators/window.ts";
import { beyond, extended } from "./extrapolation.ts";
import type { RateKind } from "./rate.ts";

/**
 * Computes rate, increase and delta for series of floats, from the first and last sample of each window and the counter
 * resets.
 */
export class FloatRates {
  /** Memory in bytes for each evaluation time. */
  static readonly BYTES = 64;
  readonly #frame: WindowFrame;
  readonly #kind: RateKind;
  readonly #firstTimes: Float64Array;
  readonly #lastTimes: Float64Array;
  readonly #firstValues: Float64Array;
  readonly #lastValues: Float64Array;
  /**
   * Columns by evaluation time: seconds between the first and the last sample, and seconds to extrapolate before and
   * after them.
   */
  readonly #sampled: Float64Array;
  readonly #toStart: Float64Array;
  readonly #toEnd: Float64Array;
  /** Extrapolation factor by evaluation time, for a counter that is far above zero. */
  readonly #factors: Float64Array;
  readonly #resets = new Resets();
  readonly #checkDeadlineAfter: (samples: number) => void;
  /** Identifies the sample times for which the cached columns were computed. */
  #layout = -1;

  constructor(frame: WindowFrame, kind: RateKind, checkDeadlineAfter: (samples: number) => void) {
    const { count } = frame.grid;
    this.#checkDeadlineAfter = checkDeadlineAfter;
    this.#frame = frame;
    this.#kind = kind;
    this.#firstTimes = new Float64Array(count);
    this.#lastTimes = new Float64Array(count);
    this.#firstValues = new Float64Array(count);
    this.#lastValues = new Float64Array(count);
    this.#sampled = new Float64Array(count);
    this.#toStart = new Float64Array(count);
    this.#toEnd = new Float64Array(count);
    this.#factors = new Float64Array(count);
  }

  ofColumns({ timestamps, values, count, from, to }: WindowedSeries, out: SeriesColumn): void {
    for (let step = 0; step < from.length; step++) {
      const first = from[step]!;
      const last = to[step]! - 1;
      if (last <= first) continue;
      this.#firstTimes[step] = timestamps[first]!;
      this.#lastTimes[step] = timestamps[last]!;
      this.#firstValues[step] = values[first]!;
      this.#lastValues[step] = values[last]!;
    }
    this.#layout = -1;
    this.#measure(from, to);
    if (this.#kind.counter) this.#resets.findInColumn(values, count);
    this.#compute(from, to, out);
  }

  ofSpans({ spans, windows }: WindowedSpans, out: SeriesColumn): void {
    const { from, to, layout } = windows;
    if (layout !== this.#layout) {
      timesAt(spans, from, 0, this.#firstTimes);
      timesAt(spans, to, -1, this.#lastTimes);
      this.#measure(from, to);
      this.#layout = layout;
    }
    valuesAt(spans, from, 0, this.#firstValues);
    valuesAt(spans, to, -1, this.#lastValues);
    if (this.#kind.counter) this.#resets.findInSpans(spans);
    this.#compute(from, to, out);
  }

  /**
   * Computes the values that depend only on the times of samples. The values are cached, because all series of a target
   * have the same times.
   */
  #measure(from: Int32Array, to: Int32Array): void {
    const { firstEnd, stride, rangeMs } = this.#frame;
    const unit = this.#kind.perSecond ? rangeMs / 1000 : 1;
    for (let step = 0; step < from.length; step++) {
      const last = to[step]! - 1;
      if (last <= from[step]!) continue;
      const end = firstEnd + step * stride;
      const firstTime = this.#firstTimes[step]!;
      const lastTime = this.#lastTimes[step]!;
      const sampled = (lastTime - firstTime) / 1000;
      const distance = sampled / (last - from[step]!);
      const toStart = beyond((firstTime - (end - rangeMs)) / 1000, distance);
      const toEnd = beyond((end - lastTime) / 1000, distance);
      this.#sampled[step] = sampled;
      this.#toStart[step] = toStart;
      this.#toEnd[step] = toEnd;
      this.#factors[step] = extended(sampled, toStart, toEnd) / unit;
    }
  }

  #compute(from: Int32Array, to: Int32Array, { present, values: results }: SeriesColumn): void {
    const { counter } = this.#kind;
    const { slots, before } = this.#resets;
    // Copies the fields to local variables, because the compiler does not keep fields of objects in registers.
    const [firstValues, lastValues, allSampled] = [this.#firstValues, this.#lastValues, this.#sampled];
    const [starts, factors] = [this.#toStart, this.#factors];
    const resets = counter ? this.#resets.count : 0;
    let nextReset = 0;
    let work = 0;
    for (let step = 0; step < from.length; step++) {
      const first = from[step]!;
      const last = to[step]! - 1;
      if (last <= first) continue;
      const firstValue = firstValues[step]!;
      let change = lastValues[step]! - firstValue;
      while (nextReset < resets && slots[nextReset]! <= first) nextReset++;
      let reset = nextReset;
      for (; reset < resets && slots[reset]! <= last; reset++) change += before[reset]!;
      work += reset - nextReset;
      if (work > RESETS_UNLOOKED) {
        this.#checkDeadlineAfter(work);
        work = 0;
      }
      const isNearZero =
        counter && change > 0 && firstValue >= 0 && !(firstValue * allSampled[step]! > starts[step]! * change * MARGIN);
      results[step] = change * (isNearZero ? this.#nearZero(step, firstValue / change) : factors[step]!);
      present[step] = FLOAT;
    }
  }

  /**
   * Returns the extrapolation factor for a counter that may have started inside the window. The counter is not
   * extrapolated below zero.
   */
  #nearZero(step: number, share: number): number {
    const sampled = this.#sampled[step]!;
    const toStart = Math.min(this.#toStart[step]!, sampled * share);
    const factor = extended(sampled, toStart, this.#toEnd[step]!);
    return this.#kind.perSecond ? factor / (this.#frame.rangeMs / 1000) : factor;
  }
}

/** Number of counter resets that are added up between two checks of the deadline. */
const RESETS_UNLOOKED = 65_536;
/** A factor slightly above 1. Its difference from 1 is larger than the rounding error of a product. */
const MARGIN = 1 + 2 ** -48;

/**
 * The samples at which a counter was reset, by index, and the value before each reset. The memory is reused for the
 * next series.
 */
class Resets {
  slots = new Int32Array(16);
  before = new Float64Array(16);
  count = 0;

  /** Finds the resets among the first `count` values. */
  findInColumn(values: Float64Array, count: number): void {
    this.count = 0;
    let before = values[0]!;
    for (let i = 1; i < count; i++) {
      const value = values[i]!;
      if (value < before) this.#add(i, before);
      before = value;
    }
  }

  findInSpans(spans: SampleSpans): void {
    this.count = 0;
    let before = -Infinity;
    for (let span = 0; span < spans.count; span++) {
      const from = spans.before[span]!;
      const last = spans.before[span + 1]! - from - 1;
      if (spans.valueAt(span, 0) < before) this.#add(from, before);
      before = spans.valueAt(span, last);
      if (spans.falls[span] === 0) continue;
      for (let i = 1; i <= last; i++) {
        const valueBefore = spans.valueAt(span, i - 1);
        if (spans.valueAt(span, i) < valueBefore) this.#add(from + i, valueBefore);
      }
    }
  }

  #add(slot: number, before: number): void {
    if (this.count === this.slots.length) this.#grow();
    this.slots[this.count] = slot;
    this.before[this.count++] = before;
  }

  #grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const before = new Float64Array(slots.length);
    slots.set(this.slots);
    before.set(this.before);
    this.slots = slots;
    this.before = before;
  }
}
