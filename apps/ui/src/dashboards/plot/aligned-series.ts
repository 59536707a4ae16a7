import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";
import { timeOrder } from "./time-order.ts";

/** A number column aligned to the common times of all series in a plot. */
export interface AlignedSeries {
  readonly frame: Frame;
  readonly field: NumericField;
  /** One value for each shared time. */
  readonly values: Float64Array;
  /** For each common time: 0 is a value, 1 is null, and 2 means that only other series have this time. */
  readonly gaps: Uint8Array | undefined;
}

export interface AlignedData {
  /**
   * Common times of all series, epoch ms, sorted. A time occurs twice only if all series share a time column that
   * contains it twice.
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
 * Returns the step of a series in ms. Values that are further apart than the step have a gap between them. Undefined
 * means that there are no gaps.
 */
export type StepOf = (field: NumericField, time: NumericField) => number | undefined;

/** Returns no step, so that values are connected regardless of their distance. */
const joined: StepOf = () => undefined;

/** Returns a function for the step of a field: its own setting, otherwise the data source's step. */
export const stepOfSeries =
  (ownStep: (field: NumericField) => number | undefined): StepOf =>
  (field, time) => {
    const step = ownStep(field) ?? time.config.interval;
    return step !== undefined && step > 0 ? step : undefined;
  };

/**
 * Aligns the number columns of all frames to common times. Frames without times are ignored, and each gap in a series
 * gets an additional time.
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

/** Returns one additional time for each gap: one step after the last value before the gap. */
function missingTimes(times: Float64Array, steps: ReadonlySet<number | undefined>): number[] {
  const missing: number[] = [];
  for (const step of steps) {
    if (step === undefined) continue;
    for (let at = 1; at < times.length; at++)
      if (times[at]! - times[at - 1]! > step) missing.push(times[at - 1]! + step);
  }
  return missing;
}

/** Adds the times for gaps to a time column. Duplicate times are kept. */
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

/** Returns the sorted union of several time columns. */
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
    // If a series has the same time twice, the second value goes to the second occurrence of this time in the common
    // times. If the common times contain it only once, the last value is used.
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
