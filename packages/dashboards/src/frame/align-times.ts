import { numericColumn, pickRows } from "./column.ts";
import { type Field, type Frame, type NumericField, timeFieldOf } from "./frame.ts";

/** The merged times of several columns, at which they can be shown together. */
export interface AlignedTimes {
  /** All times of the columns, ascending and without duplicates. */
  readonly times: Float64Array;
  /**
   * One array for each column: for each merged time, the number of the column's row at this time, or -1. Undefined if
   * the column's own times are the merged times.
   */
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

/** Returns the times ascending, without duplicates and NaN. */
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
  // Columns whose times differ from those of the previous column. Only these are merged, because series of one query
  // usually share their times.
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

/** Returns the indexes of the rows that have a time, ordered by time. */
const ascendingRows = (times: Float64Array): Int32Array =>
  Int32Array.from({ length: times.length }, (_, row) => row)
    .filter((row) => times[row] === times[row])
    .sort((a, b) => times[a]! - times[b]! || a - b);

/**
 * Returns one number for each merged time: the number of the row at this time, or -1. If several rows have the same
 * time, the last row counts.
 */
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
 * Merges the times of several columns, and finds each column's row at each time.
 * @param claim called with the number of times before the rows are allocated; may throw to refuse them
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

/** Returns the times of all rows, with NaN for nulls. */
export function timesOf({ values, nulls }: NumericField): Float64Array {
  return nulls === undefined ? values : values.map((time, row) => (nulls[row] === 1 ? NaN : time));
}

/** Returns the columns of a frame, except the time column, with their rows moved to the merged times. */
const fieldsAt = (fields: readonly Field[], rows: Int32Array | undefined): readonly Field[] =>
  rows === undefined ? fields : fields.map((field) => pickRows(field, rows));

/**
 * Joins series in several frames into one frame with a row for each time (an outer join). Ignores frames without times.
 * Returns undefined if no frame has times.
 * @param claim called with the number of cells before they are allocated; may throw to refuse them
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
