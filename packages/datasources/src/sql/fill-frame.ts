import type { NumericField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { Fill } from "./macros.ts";

const STEP_ROWS = 20_000;

/** Returns the first time of a filled frame: the start of the range, rounded down to the interval. */
function firstTime({ from }: TimeRange, intervalMs: number): number {
  const step = intervalMs >= 1000 ? Math.floor(intervalMs / 1000) * 1000 : intervalMs;
  return Math.floor(from / step) * step;
}

/** Returns the number of rows that a frame has after it was filled. */
export const filledRows = (range: TimeRange, { intervalMs }: Fill): number =>
  Math.floor((range.to - firstTime(range, intervalMs)) / intervalMs) + 1;

/**
 * Returns the columns with one row for each interval of the range. A row gets the values of the last original row
 * within its interval, or the filling if there was none. Returns undefined if a time is null.
 * @param fields the time column, then the values
 */
export function* fillFrame(
  fields: readonly [NumericField, ...NumericField[]],
  fill: Fill,
  range: TimeRange,
  budget: ValueBudget,
): Steps<readonly [NumericField, ...NumericField[]] | undefined> {
  const [time, ...values] = fields;
  if (time.nulls?.includes(1) === true) return undefined;
  const rows = Math.max(0, filledRows(range, fill));
  budget.take(rows * fields.length);
  const { times, picked } = yield* pickedRows(time.values, fill, range, rows);
  const filled: NumericField[] = [];
  for (const field of values) {
    filled.push(filledField(field, picked, fill));
    yield;
  }
  return [{ ...time, values: times }, ...filled];
}

/**
 * Returns the times of the filled rows, and for each row the index of the original row with its values. `-2 - row`
 * means the last row before an interval without rows, and -1 no row.
 */
function* pickedRows(
  given: Float64Array,
  { intervalMs }: Fill,
  range: TimeRange,
  rows: number,
): Steps<{ readonly times: Float64Array; readonly picked: Int32Array }> {
  const times = new Float64Array(rows);
  const picked = new Int32Array(rows);
  const first = firstTime(range, intervalMs);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    if (row % STEP_ROWS === 0) yield;
    const now = first + row * intervalMs;
    let last = -1;
    for (; next < given.length && given[next]! <= now; next++) if (given[next]! > now - intervalMs) last = next;
    times[row] = now;
    picked[row] = last >= 0 ? last : next > 0 ? -1 - next : -1;
  }
  return { times, picked };
}

function filledField(field: NumericField, picked: Int32Array, fill: Fill): NumericField {
  const values = new Float64Array(picked.length);
  const nulls = new Uint8Array(picked.length);
  for (let row = 0; row < picked.length; row++) {
    const from = picked[row]!;
    const source = from >= 0 ? from : fill.mode === "previous" && from < -1 ? -2 - from : undefined;
    if (source !== undefined) {
      values[row] = field.values[source]!;
      nulls[row] = field.nulls?.[source] ?? 0;
    } else if (fill.mode === "value") values[row] = fill.value;
    else nulls[row] = 1;
  }
  const { nulls: _nulls, ...rest } = field;
  return { ...rest, values, ...(nulls.includes(1) && { nulls }) };
}
