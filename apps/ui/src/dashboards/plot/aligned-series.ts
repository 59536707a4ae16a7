import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";
import { timeOrder } from "./time-order.ts";

/** A number column whose values are placed at the times that all series of a plot share. */
export interface AlignedSeries {
  readonly frame: Frame;
  readonly field: NumericField;
  /** One value for each shared time. */
  readonly values: Float64Array;
  /** For each time: 0 if the series has a value, 1 if its value is null, 2 if only other series have the time. */
  readonly gaps: Uint8Array | undefined;
}

export interface AlignedData {
  /**
   * Shared times, epoch ms, sorted. A time occurs twice only if all series have the same time column and it contains
   * the time twice.
   */
  readonly times: Float64Array;
  readonly series: readonly AlignedSeries[];
}

export const NULL_GAP = 1;
export const ABSENT_GAP = 2;

interface Source {
  readonly frame: Frame;
  readonly time: NumericField;
  /** Indexes of the rows sorted by time; undefined if the rows are already sorted. */
  readonly order: Int32Array | undefined;
  /** The times of the rows, sorted. */
  readonly times: Float64Array;
  readonly fields: readonly NumericField[];
}

/**
 * Returns the step of a series, ms. If two values are further apart, a value is missing between them. Returns undefined
 * if no value is ever missing.
 */
export type StepOf = (field: NumericField, time: NumericField) => number | undefined;

/** Series without a step: values are connected whatever their distance is. */
const joined: StepOf = () => undefined;

/**
 * Returns the function that returns the step of a field: its own step if it is set, otherwise the step of the data
 * source.
 */
export const stepOfSeries =
  (ownStep: (field: NumericField) => number | undefined): StepOf =>
  (field, time) => {
    const step = ownStep(field) ?? time.config.interval;
    return step !== undefined && step > 0 ? step : undefined;
  };

/**
 * Aligns the number columns of all frames at common times. Frames without times are left out. If a series has a missing
 * value, the axis gets an additional time at which the series has a gap.
 */
export function alignSeries(frames: readonly Frame[], stepOf: StepOf = joined): AlignedData {
  const sources = frames.flatMap((frame): Source[] => {
    const time = timeFieldOf(frame);
    if (time === undefined) return [];
    const order = timeOrder(time.values);
    const times = order === undefined ? time.values : Float64Array.from(order, (row) => time.values[row]!);
    return [{ frame, time, order, times, fields: frame.fields.filter(isDrawnNumber) }];
  });
  const first = sources[0];
  if (first === undefined) return { times: new Float64Array(), series: [] };
  const missing = sources.flatMap(({ time, times, fields }) =>
    missingTimes(times, new Set(fields.map((field) => stepOf(field, time)))),
  );
  const isOneColumn = sources.every(({ time }) => isSameColumn(time.values, first.time.values));
  const times = isOneColumn
    ? withMissing(first.times, missing)
    : unionOf([...sources.map((source) => source.times), Float64Array.from(missing)]);
  return {
    times,
    series: sources.flatMap((source) =>
      source.fields.map((field) => ({
        frame: source.frame,
        field,
        ...alignedSeries(field, source, times, stepOf(field, source.time)),
      })),
    ),
  };
}

/**
 * Returns a time for each interval that is longer than a step. The time is one step after the start of the interval.
 */
function missingTimes(times: Float64Array, steps: ReadonlySet<number | undefined>): number[] {
  const missing: number[] = [];
  for (const step of steps) {
    if (step === undefined) continue;
    for (let at = 1; at < times.length; at++)
      if (times[at]! - times[at - 1]! > step) missing.push(times[at - 1]! + step);
  }
  return missing;
}

/** Adds the missing times to the times of a column. If rows have equal times, all of them stay. */
function withMissing(times: Float64Array, missing: readonly number[]): Float64Array {
  if (missing.length === 0) return times;
  const lacked = new Set(missing);
  for (const time of times) lacked.delete(time);
  const all = new Float64Array(times.length + lacked.size);
  all.set(times);
  all.set([...lacked], times.length);
  return all.sort();
}

const isDrawnNumber = (field: Field): field is NumericField => isNumeric(field) && field.type === "number";

function isSameColumn(left: Float64Array, right: Float64Array): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** Returns the different times of all columns, sorted. */
function unionOf(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((count, column) => count + column.length, 0));
  let end = 0;
  for (const column of columns) {
    all.set(column, end);
    end += column.length;
  }
  all.sort();
  let kept = 0;
  for (let at = 0; at < all.length; at++) {
    const time = all[at]!;
    if (time === time && (kept === 0 || time !== all[kept - 1])) all[kept++] = time;
  }
  return all.slice(0, kept);
}

function alignedSeries(
  field: NumericField,
  { order, times }: Pick<Source, "order" | "times">,
  shared: Float64Array,
  step: number | undefined,
): { values: Float64Array; gaps: Uint8Array | undefined } {
  if (order === undefined && (times === shared || isSameColumn(times, shared)))
    return { values: field.values, gaps: field.nulls };
  const values = new Float64Array(shared.length);
  const gaps = new Uint8Array(shared.length).fill(ABSENT_GAP);
  let at = 0;
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!;
    const row = order?.[index] ?? index;
    // If the shared axis also contains a repeated time twice, its second value is placed there. Otherwise the last
    // value replaces the others.
    if (index > 0 && time === times[index - 1] && shared[at + 1] === time) at++;
    while (shared[at]! < time) at++;
    values[at] = field.values[row]!;
    gaps[at] = field.nulls?.[row] === 1 ? NULL_GAP : 0;
    const next = times[index + 1]!;
    if (step === undefined || !(next - time > step)) continue;
    // The gap lasts until the series' next value, even if other series have times within the gap.
    for (let missing = at + 1; shared[missing]! < next; missing++) gaps[missing] = NULL_GAP;
  }
  return { values, gaps };
}
