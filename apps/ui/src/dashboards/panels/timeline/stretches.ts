import { type Field, type NumericField, type ResolvedTimeRange, valueAt, valueMapper } from "@narthex/dashboards";
import { timeOrder } from "../../plot/time-order.ts";
import type { RowOptions } from "./options.ts";

/** The time spans of a row, ordered by time. */
export interface Stretches {
  /**
   * Start and end times of the spans, epoch ms. `states[i]` is the index of the state from `starts[i]` to `ends[i]`.
   */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly states: Uint32Array;
}

export interface RowSource {
  readonly field: Field;
  readonly time: NumericField;
  /** The second time column of the frame, which contains the ends of the states. */
  readonly endTime?: NumericField | undefined;
  /** Returns the index of the state that a value represents. */
  readonly stateOf: (value: unknown) => number;
  readonly options: RowOptions;
  /** Whether consecutive equal states are merged into one time span. */
  readonly mergesValues: boolean;
  readonly range: ResolvedTimeRange;
}

function sortedEnds(endTime: NumericField | undefined): Float64Array {
  return endTime === undefined
    ? new Float64Array()
    : endTime.values.filter((time, row) => endTime.nulls?.[row] !== 1 && time === time).sort();
}

/**
 * Returns the longest time in ms between two samples without a gap: the field's `insertNulls`, otherwise the data
 * source's step.
 */
function stepOf({ insertNulls }: RowOptions, { config }: NumericField): number {
  if (typeof insertNulls === "number" && insertNulls > 0) return insertNulls;
  const { interval } = config;
  return interval !== undefined && interval > 0 ? interval : Infinity;
}

/**
 * Collects the time spans of a row. A state lasts until the next value but at most one step, or across gaps with
 * `spanNulls`. If null is mapped to a state, gaps have this state.
 */
class SpanWriter {
  readonly #source: RowSource;
  readonly #step: number;
  readonly #isNullState: boolean;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #states: number[] = [];
  #lastValueAt = 0;
  /** End of the last time span of the row, if no other value follows. */
  #until = Infinity;

  constructor(source: RowSource) {
    this.#source = source;
    this.#step = stepOf(source.options, source.time);
    this.#isNullState = valueMapper(source.field.config.mappings)?.(null) !== undefined;
  }

  value(now: number, value: unknown): void {
    if (value === null && !this.#isNullState) {
      this.#until = Math.min(this.#until, now);
      return;
    }
    const { range, stateOf } = this.#source;
    if (this.#starts.length > 0) this.#endBefore(now);
    else if (this.#isNullState && now - range.from > this.#step) this.#add(range.from, now, stateOf(null));
    this.#add(now, now, stateOf(value));
    this.#lastValueAt = now;
    this.#until = now + this.#step;
  }

  finish(): Stretches {
    const { range } = this.#source;
    if (this.#starts.length > 0) this.#endAt(Math.max(this.#lastValueAt, range.to));
    return {
      starts: Float64Array.from(this.#starts),
      ends: Float64Array.from(this.#ends),
      states: Uint32Array.from(this.#states),
    };
  }

  #endBefore(now: number): void {
    const { spanNulls } = this.#source.options;
    const isBridged = spanNulls === true || (typeof spanNulls === "number" && now - this.#lastValueAt <= spanNulls);
    if (isBridged && !this.#isNullState) this.#until = now;
    this.#endAt(now);
  }

  /** Ends the last time span. If null is mapped to a state, the time until `end` gets that state. */
  #endAt(end: number): void {
    const silent = Math.min(end, this.#until);
    this.#ends[this.#ends.length - 1] = silent;
    if (silent < end && this.#isNullState) {
      this.#add(silent, end, this.#source.stateOf(null));
    }
  }

  #add(start: number, end: number, state: number): void {
    const last = this.#starts.length - 1;
    if (this.#source.mergesValues && this.#states[last] === state && this.#ends[last] === start) {
      this.#ends[last] = end;
      return;
    }
    this.#starts.push(start);
    this.#ends.push(end);
    this.#states.push(state);
  }
}

/** Converts a field to time spans in which each value lasts until the next. */
export function spansOf(source: RowSource): Stretches {
  const { field, time } = source;
  const writer = new SpanWriter(source);
  const order = timeOrder(time.values);
  const ends = sortedEnds(source.endTime);
  let ended = 0;
  const length = order?.length ?? field.values.length;
  for (let at = 0; at < length; at++) {
    const row = order?.[at] ?? at;
    const now = time.values[row]!;
    for (; ended < ends.length && ends[ended]! <= now; ended++)
      if (ends[ended]! < now) writer.value(ends[ended]!, null);
    writer.value(now, valueAt(field, row));
  }
  for (; ended < ends.length; ended++) writer.value(ends[ended]!, null);
  return writer.finish();
}

/** Converts values to time spans around their times. Each span is two times `half` long. */
export function boxesOf({ field, time, stateOf }: RowSource, half: number): Stretches {
  const order = timeOrder(time.values);
  const length = order?.length ?? field.values.length;
  const [starts, ends, states] = [new Float64Array(length), new Float64Array(length), new Uint32Array(length)];
  const mapsNull = valueMapper(field.config.mappings);
  let count = 0;
  for (let at = 0; at < length; at++) {
    const row = order?.[at] ?? at;
    const value = valueAt(field, row);
    if (value === null && mapsNull?.(null) === undefined) continue;
    starts[count] = time.values[row]! - half;
    ends[count] = time.values[row]! + half;
    states[count++] = stateOf(value);
  }
  return { starts: starts.subarray(0, count), ends: ends.subarray(0, count), states: states.subarray(0, count) };
}
