import { type Field, isNumeric } from "../frame/frame.ts";
import { type NullValueMode, numberAt } from "./null-value.ts";

/** A row's value; undefined where it does not count, and a null as the mode says: a zero, or null. */
function countedValue(field: Field, row: number, mode: NullValueMode): unknown {
  const value = isNumeric(field) ? numberAt(field.values, field.nulls, row) : (field.values[row] ?? null);
  if (value !== null) return value;
  return mode === "connected" ? undefined : mode === "null as zero" ? 0 : null;
}

/** How often a value differs from the one before; a NaN differs from every value. */
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

/** How many different values there are. */
export const distinctCount = (field: Field, mode: NullValueMode): number => distinctValues(field, mode).size;

/** All values, nulls too. */
export const allValues = (field: Field): unknown[] =>
  Array.from({ length: field.values.length }, (_, row) => countedValue(field, row, "null"));

/** Each value once, in the order of their first; null is one. */
export const uniqueValues = (field: Field): unknown[] => [...distinctValues(field, "null")];
