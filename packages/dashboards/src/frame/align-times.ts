import { numericColumn, pickRows } from "./column.ts";
import { type Field, type Frame, type NumericField, timeFieldOf } from "./frame.ts";

/** Several columns of times as one. */
export interface AlignedTimes {
  /** Each time that any of them has, ascending. */
  readonly times: Float64Array;
  /** By column: its row for each of the times, -1 where it has none; undefined where its rows are the times as they are. */
  readonly rows: readonly (Int32Array | undefined)[];
}

function isAscending(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i++) if (!(times[i - 1]! < times[i]!)) return false;
  return times.length === 0 || times[0] === times[0];
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Ascending, each once, without NaN. */
function unique(times: Float64Array): Float64Array {
  times.sort();
  let length = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (time === time && (length === 0 || times[length - 1] !== time)) times[length++] = time;
  }
  return times.slice(0, length);
}

function unionOf(columns: readonly Float64Array[]): Float64Array {
  // Series of one query share their times mostly, so that only what differs from the one before is merged.
  const different = columns.filter((times, i) => i === 0 || !isSame(times, columns[i - 1]!));
  if (different.length === 1 && isAscending(different[0]!)) return different[0]!;
  const all = new Float64Array(different.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const times of different) {
    all.set(times, at);
    at += times.length;
  }
  return unique(all);
}

/** The rows that have a time, in its order. */
const ascendingRows = (times: Float64Array): Int32Array =>
  Int32Array.from({ length: times.length }, (_, row) => row)
    .filter((row) => times[row] === times[row])
    .sort((a, b) => times[a]! - times[b]! || a - b);

/** The row for each of the times: both are walked side by side. Of rows with one time the last is taken. */
function rowsOf(times: Float64Array, all: Float64Array): Int32Array {
  const rows = new Int32Array(all.length).fill(-1);
  const order = isAscending(times) ? undefined : ascendingRows(times);
  const count = order?.length ?? times.length;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = order === undefined ? i : order[i]!;
    while (at < all.length && all[at]! < times[row]!) at++;
    if (at < all.length && all[at] === times[row]) rows[at] = row;
  }
  return rows;
}

/**
 * Finds the times of several columns, and where each column has them.
 * @param claim is told how many times there are before a row is made for each; it may throw
 */
export function alignTimes(
  columns: readonly Float64Array[],
  claim: (times: number) => void = () => undefined,
): AlignedTimes {
  if (columns.length === 0) return { times: new Float64Array(), rows: [] };
  const times = unionOf(columns);
  claim(times.length);
  let last: { readonly of: Float64Array; readonly rows: Int32Array | undefined } | undefined;
  const rows = columns.map((column) => {
    if (last === undefined || !isSame(last.of, column)) {
      last = { of: column, rows: isSame(column, times) ? undefined : rowsOf(column, times) };
    }
    return last.rows;
  });
  return { times, rows };
}

/** Times without those that are missing. */
export function timesOf({ values, nulls }: NumericField): Float64Array {
  return nulls === undefined ? values : values.map((time, row) => (nulls[row] === 1 ? NaN : time));
}

/** The columns of a frame other than the one that frames are joined by, at the times of all. */
export const fieldsAt = (fields: readonly Field[], rows: Int32Array | undefined): readonly Field[] =>
  rows === undefined ? fields : fields.map((field) => pickRows(field, rows));

/**
 * Frames of series as one, with a row for each time (an outer join). Frames without times are left away; undefined
 * where none has any.
 * @param claim is told of the cells before they are made; it may throw
 */
export function multiToWide(
  frames: readonly Frame[],
  claim: (cells: number) => void = () => undefined,
): Frame | undefined {
  const series = frames.flatMap((frame) => {
    const time = timeFieldOf(frame);
    return time === undefined ? [] : [{ frame, time }];
  });
  const first = series[0];
  if (first === undefined) return undefined;
  const columns = series.reduce((sum, { frame }) => sum + frame.fields.length, 0);
  const { times, rows } = alignTimes(
    series.map(({ time }) => timesOf(time)),
    (count) => claim(count * columns),
  );
  const fields = series.flatMap(({ frame, time }, i) =>
    fieldsAt(
      frame.fields.filter((field) => field !== time),
      rows[i],
    ),
  );
  return {
    ...(first.frame.refId === undefined ? {} : { refId: first.frame.refId }),
    length: times.length,
    fields: [numericColumn(first.time, "time", times), ...fields],
    meta: { ...first.frame.meta, type: "timeseries-wide" },
  };
}
