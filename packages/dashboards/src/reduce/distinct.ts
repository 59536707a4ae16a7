import { type Field, isNumeric } from "../frame/frame.ts";
import { type NullValueMode, numberAt } from "./null-value.ts";

/**
 * Returns the value in a row as reducers count it. Undefined if nulls are ignored and the value is null. In the mode
 * `null as zero`, a null becomes zero.
 */
function countedValue(field: Field, row: number, mode: NullValueMode): unknown {
  const value = isNumeric(field) ? numberAt(field.values, field.nulls, row) : (field.values[row] ?? null);
  if (value !== null) return value;
  return mode === "connected" ? undefined : mode === "null as zero" ? 0 : null;
}

/**
 * Returns how many times a column's value differs from the previous one. NaN differs from every value, also from NaN.
 */
export function changeCount(field: Field, mode: NullValueMode): number {
  let changes = 0;
  let previous: unknown;
  for (let row = 0; row < field.values.length; row++) {
    const value = countedValue(field, row, mode);
    if (value === undefined) continue;
    if (previous !== undefined && previous !== value) changes++;
    previous = value;
  }
  return changes;
}

function distinctValues(field: Field, mode: NullValueMode): Set<unknown> {
  const values = new Set<unknown>();
  for (let row = 0; row < field.values.length; row++) values.add(countedValue(field, row, mode));
  values.delete(undefined);
  return values;
}

/** Returns the number of different values. */
export const distinctCount = (field: Field, mode: NullValueMode): number => distinctValues(field, mode).size;

/** Returns all values of a column, including nulls. */
export const allValues = (field: Field): unknown[] =>
  Array.from({ length: field.values.length }, (_, row) => countedValue(field, row, "null"));

/** Returns each value once, in the order of its first occurrence. Null counts as a value. */
export const uniqueValues = (field: Field): unknown[] => [...distinctValues(field, "null")];
