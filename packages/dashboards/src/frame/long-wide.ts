import { columnOf, pickRows, stackColumns } from "./column.ts";
import { type Field, type Frame, type Labels, type NumericField, timeFieldOf } from "./frame.ts";
import { sortByTime } from "./sort-frame.ts";

const labelNames = (parts: readonly { readonly labels: Labels }[]): string[] =>
  [...new Set(parts.flatMap(({ labels }) => Object.keys(labels)))].sort();

/**
 * Builds a column for each label, with `length` rows for each of several fields. A cell is null if the row's field does
 * not have the label.
 */
function labelColumns(parts: readonly { readonly labels: Labels }[], length: number): Field[] {
  return labelNames(parts).map((name) =>
    columnOf(
      { name },
      "string",
      parts.flatMap(({ labels }) => Array.from({ length }, () => (Object.hasOwn(labels, name) ? labels[name]! : null))),
    ),
  );
}

/**
 * Converts a frame with a column for each series (wide) to rows (long): time, the labels that occur, and the values
 * under the names of their columns. Returns the frame unchanged if it has no times or numbers.
 * @param claim called with the number of cells before they are allocated; may throw to refuse them
 */
export function wideToLong(frame: Frame, claim: (cells: number) => void = () => undefined): Frame {
  const time = timeFieldOf(frame);
  if (time === undefined || !frame.fields.some(({ type }) => type === "number")) return frame;
  const groups = new Map<string, { readonly labels: Labels; readonly fields: NumericField[] }>();
  const names = new Set<string>();
  for (const field of frame.fields) {
    if (field.type !== "number") continue;
    const labels = field.labels ?? {};
    const key = JSON.stringify(Object.entries(labels).sort());
    const group = groups.get(key) ?? { labels, fields: [] };
    group.fields.push(field);
    groups.set(key, group);
    names.add(field.name);
  }
  const parts = [...groups.values()];
  const length = frame.length;
  // Claims memory for the wide frame. With `length + 1`, a series without rows counts too.
  claim(parts.length * (length + 1) * (1 + labelNames(parts).length + names.size));
  const missing = new Int32Array(length).fill(-1);
  const fields: Field[] = [stackColumns([time, ...parts.slice(1).map(() => time)]), ...labelColumns(parts, length)];
  for (const name of names) {
    const some = frame.fields.find((field) => field.name === name && field.type === "number")!;
    const [first, ...others] = parts.map(
      (part): Field => part.fields.find((field) => field.name === name) ?? pickRows(some, missing),
    );
    const { labels: _, ...all } = stackColumns([first!, ...others]);
    fields.push(all);
  }
  return sortByTime({
    ...frame,
    fields,
    length: length * parts.length,
    meta: { ...frame.meta, type: "timeseries-long" },
  });
}
