import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";
import { timeOrder } from "./time-order.ts";

/** A column of numbers as it stands on the times that all series of a plot share. */
export interface AlignedSeries {
  readonly frame: Frame;
  readonly field: NumericField;
  /** One for each shared time. */
  readonly values: Float64Array;
  /** 1 where the series has no value: those it left out itself (`null`), and 2 where another series has a time that it lacks. */
  readonly gaps: Uint8Array | undefined;
}

export interface AlignedData {
  /** Epoch milliseconds, in order. A time is there twice only if all series share one column that holds it twice. */
  readonly times: Float64Array;
  readonly series: readonly AlignedSeries[];
}

export const NULL_GAP = 1;
export const ABSENT_GAP = 2;

interface Source {
  readonly frame: Frame;
  readonly time: NumericField;
  /** Its rows by their times; undefined: as they are. */
  readonly order: Int32Array | undefined;
  /** The times of these rows. */
  readonly times: Float64Array;
  readonly fields: readonly NumericField[];
}

/** The step of a series, ms: where its next value is further away, one is missing. Undefined: none ever is. */
export type StepOf = (field: NumericField, time: NumericField) => number | undefined;

/** No step: values are joined however far apart they are. */
const joined: StepOf = () => undefined;

/** The step of the field itself where one is set, else what the source says of its times. */
export const stepOfSeries =
  (ownStep: (field: NumericField) => number | undefined): StepOf =>
  (field, time) => {
    const step = ownStep(field) ?? time.config.interval;
    return step !== undefined && step > 0 ? step : undefined;
  };

/**
 * Puts the columns of numbers of all frames that have times on one axis. Frames without times are left out. Where a step of
 * a series is missing the axis has a time for it, at which the series has none.
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
        ...placed(field, source, times, stepOf(field, source.time)),
      })),
    ),
  };
}

/** A time for each stretch that is longer than a step: a step behind its beginning. */
function missingTimes(times: Float64Array, steps: ReadonlySet<number | undefined>): number[] {
  const missing: number[] = [];
  for (const step of steps) {
    if (step === undefined) continue;
    for (let at = 1; at < times.length; at++)
      if (times[at]! - times[at - 1]! > step) missing.push(times[at - 1]! + step);
  }
  return missing;
}

/** The times of one column and those that it lacks. Rows of equal times all stay. */
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

/** Every time of the columns once, in order. */
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

function placed(
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
    // Of equal times the next one has a place of its own, or the last value counts.
    if (index > 0 && time === times[index - 1] && shared[at + 1] === time) at++;
    while (shared[at]! < time) at++;
    values[at] = field.values[row]!;
    gaps[at] = field.nulls?.[row] === 1 ? NULL_GAP : 0;
    const next = times[index + 1]!;
    if (step === undefined || !(next - time > step)) continue;
    // Nothing stands there until the next value, whatever times others have.
    for (let missing = at + 1; shared[missing]! < next; missing++) gaps[missing] = NULL_GAP;
  }
  return { values, gaps };
}
