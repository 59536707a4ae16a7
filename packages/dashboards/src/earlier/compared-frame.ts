import { FieldNames } from "../display/field-name.ts";
import { type Field, type Frame, type NumericField, valueAt } from "../frame/frame.ts";
import type { EarlierFrames } from "./earlier-frames.ts";
import { relativeDifference } from "./relative-difference.ts";

/** For each row of a table, the number of the matching row in another table, or -1. */
type RowMatch = Int32Array;

const isTime = ({ type }: Field): boolean => type === "time";
const isFigure = (field: Field): field is NumericField => field.type === "number";

/**
 * Returns a text for each row of a table that identifies the row: its text cells and, if `hasTimes` is set, its times.
 * Equal texts are numbered.
 */
function rowKeys(frame: Frame, hasTimes: boolean): readonly string[] {
  const columns = frame.fields.filter((field) => !isFigure(field) && (hasTimes || !isTime(field)));
  const seen = new Map<string, number>();
  return Array.from({ length: frame.length }, (_, row) => {
    const key = JSON.stringify(columns.map((field) => valueAt(field, row)));
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return `${key} ${count}`;
  });
}

function hasOwnTexts(frame: Frame): boolean {
  const columns = frame.fields.filter((field) => !isFigure(field) && !isTime(field));
  if (columns.length === 0) return false;
  const texts = new Set<string>();
  for (let row = 0; row < frame.length; row++) texts.add(JSON.stringify(columns.map((field) => valueAt(field, row))));
  return texts.size === frame.length;
}

function matched(present: Frame, then: Frame): RowMatch {
  // Whether rows are also matched by their times: if several rows have the same texts, and unless both tables have a
  // single row.
  const hasTimes = !(present.length === 1 && then.length === 1) && !hasOwnTexts(present);
  const rows = new Map(rowKeys(then, hasTimes).map((key, row) => [key, row]));
  return Int32Array.from(rowKeys(present, hasTimes), (key) => rows.get(key) ?? -1);
}

/** Returns a column of numbers with one value for each row. A row without a value is null. */
function column(length: number, valueOf: (row: number) => number | undefined): Pick<NumericField, "values" | "nulls"> {
  const values = new Float64Array(length);
  const nulls = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    const value = valueOf(row);
    if (value === undefined) nulls[row] = 1;
    else values[row] = value;
  }
  return { values, nulls };
}

const figureAt = (field: Field, row: number): number | undefined => {
  const value = row < 0 ? null : valueAt(field, row);
  return typeof value === "number" ? value : undefined;
};

/**
 * Adds two columns after each numeric column of a table: the value in the earlier period, and the relative change since
 * then. Returns the table unchanged if the earlier period has no matching table.
 */
export function comparedFrame(present: Frame, { earlierOf, words }: EarlierFrames): Frame {
  const names = new FieldNames([present]);
  const matches = new Map<Frame, RowMatch>();
  const fields = present.fields.flatMap((field): Field[] => {
    const then = isFigure(field) ? earlierOf.get(field) : undefined;
    if (then === undefined) return [field];
    const rows = matches.get(then.frame) ?? matched(present, then.frame);
    matches.set(then.frame, rows);
    const name = names.nameOf(field, present);
    const { links: _, ...config } = field.config;
    const named = (text: string) => ({ displayName: text, displayNameFromDS: text });
    const labels = field.labels === undefined ? {} : { labels: field.labels };
    const before = column(present.length, (row) => figureAt(then.field, rows[row]!));
    const change = column(present.length, (row) => {
      const [now, was] = [figureAt(field, row), figureAt(then.field, rows[row]!)];
      return now === undefined || was === undefined ? undefined : relativeDifference(now, was);
    });
    const earlierName = `${name} (${words})`;
    const changeName = `${name} (change)`;
    return [
      field,
      { ...before, ...labels, name: earlierName, type: "number", config: { ...config, ...named(earlierName) } },
      { ...change, ...labels, name: changeName, type: "number", config: { unit: "percentunit", ...named(changeName) } },
    ];
  });
  return fields.length === present.fields.length ? present : { ...present, fields };
}
