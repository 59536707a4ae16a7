import { pickRows, withFields } from "./column.ts";
import { type Field, type Frame, isNumeric, timeFieldOf } from "./frame.ts";

type Comparer = (a: number, b: number) => number;

const collator = new Intl.Collator("en", { sensitivity: "base" });

/**
 * Returns a comparison of a column's rows. Empty texts and false count as missing. Missing values come last in
 * ascending order and first in descending order. As in Grafana, nulls in numeric columns sort as zeros. NaN always
 * comes last.
 */
function comparerOf(field: Field, descending: boolean): Comparer {
  const sign = descending ? -1 : 1;
  if (isNumeric(field)) {
    const { values, nulls } = field;
    const at = (row: number): number => (nulls?.[row] === 1 ? 0 : values[row]!);
    return (a, b) => {
      const [left, right] = [at(a), at(b)];
      if (left !== left || right !== right) return Number(left !== left) - Number(right !== right);
      return left === right ? 0 : left < right ? -sign : sign;
    };
  }
  const { values } = field;
  return (a, b) => {
    const [left, right] = [values[a], values[b]];
    const missing = Number(!left) - Number(!right);
    if (missing !== 0 || !left || !right) return sign * missing;
    return typeof left === "string" && typeof right === "string" ? sign * collator.compare(left, right) : 0;
  };
}

function isSorted(length: number, compare: Comparer): boolean {
  for (let row = 1; row < length; row++) if (compare(row - 1, row) > 0) return false;
  return true;
}

/** Sorts the rows by a column. Equal rows keep their order. */
export function sortRows(frame: Frame, field: Field, descending = false): Frame {
  const compare = comparerOf(field, descending);
  if (isSorted(frame.length, compare)) return frame;
  const rows = Int32Array.from({ length: frame.length }, (_, row) => row);
  rows.sort((a, b) => compare(a, b) || a - b);
  return withFields(
    frame,
    frame.fields.map((one) => pickRows(one, rows)),
    frame.length,
  );
}

/** Sorts the rows by time. Returns the frame unchanged if it has no time column. */
export function sortByTime(frame: Frame): Frame {
  const time = timeFieldOf(frame);
  return time === undefined ? frame : sortRows(frame, time);
}
