import type { Field } from "../frame/frame.ts";
import { valueAt } from "../frame/frame.ts";

/** Groups the rows that have the same values in some columns. The groups are in the order in which they first occur. */
export function rowGroups(fields: readonly Field[], length: number): Int32Array[] {
  const [only] = fields;
  const known = new Map<unknown, number>();
  const groups = new Int32Array(length);
  const sizes: number[] = [];
  for (let row = 0; row < length; row++) {
    const key = fields.length === 1 ? valueAt(only!, row) : JSON.stringify(fields.map((field) => valueAt(field, row)));
    let group = known.get(key);
    if (group === undefined) {
      known.set(key, (group = known.size));
      sizes.push(0);
    }
    groups[row] = group;
    sizes[group]!++;
  }
  const rows = sizes.map((size) => new Int32Array(size));
  sizes.fill(0);
  for (let row = 0; row < length; row++) {
    const group = groups[row]!;
    rows[group]![sizes[group]!++] = row;
  }
  return rows;
}

export const firstRows = (groups: readonly Int32Array[]): Int32Array => Int32Array.from(groups, (rows) => rows[0]!);
