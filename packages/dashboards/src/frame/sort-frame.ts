import { pickRows, withFields } from "./column.ts";
import { type Field, type Frame, isNumeric, timeFieldOf } from "./frame.ts";

type Comparer = (a: number, b: number) => number;

const collator = new Intl.Collator("en", { sensitivity: "base" });

/**
 * Texts that are empty and booleans that are false count as missing, which come last, or first where the order
 * descends. Of numbers, nulls are sorted as zeros, as Grafana does, and NaN is last either way.
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

/** The rows in the order of one of the columns; rows that are equal stay as they are. */
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

/** The rows in the order of time; as it is without a column of times. */
export function sortByTime(frame: Frame): Frame {
  const time = timeFieldOf(frame);
  return time === undefined ? frame : sortRows(frame, time);
}
