import { type Field, type JsonObject, valueAt } from "@narthex/dashboards";
import type { Annotation, VariableValue } from "../data-source.ts";
import { objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { cellText } from "./cell-text.ts";

/** Maximum number of options of a variable, and of annotations of a query. A longer list would not be usable. */
export const MAX_OPTIONS = 100_000;
export const MAX_ANNOTATIONS = 10_000;

/** Returns the SQL text of a variable or an annotation. Old dashboards contain a plain text, or use another key. */
export function sqlOf(query: string | JsonObject, textOf: (query: JsonObject) => string): string {
  if (typeof query === "string") return query;
  const target = objectAt(query, "target");
  return (
    textOf(query) || (target === undefined ? "" : textOf(target)) || textAt(query, "rawQuery") || textAt(query, "query")
  );
}

/**
 * Returns the options of a variable: pairs of the columns `__text` and `__value`, or the cells of all columns. Each text
 * occurs once.
 */
export function variableOptions(fields: readonly Field[], rows: number): readonly VariableValue[] {
  const text = fields.find(({ name }) => name === "__text");
  const value = fields.find(({ name }) => name === "__value");
  const options = new Map<string, VariableValue>();
  const add = (shown: string | null, set: string | null): void => {
    if (shown === null || set === null || options.has(shown) || options.size >= MAX_OPTIONS) return;
    options.set(shown, { text: shown, value: set });
  };
  if (text !== undefined && value !== undefined)
    for (let row = 0; row < rows; row++) add(cellText(text, row), cellText(value, row));
  else
    for (const field of fields)
      for (let row = 0; row < rows; row++) {
        const cell = cellText(field, row);
        add(cell, cell);
      }
  return [...options.values()];
}

/** Returns the annotations of a table with the columns `time`, `timeend`, `title`, `text` and `tags`. */
export function annotationsOf(fields: readonly Field[], rows: number): readonly Annotation[] {
  const column = (name: string): Field | undefined => fields.find((field) => field.name.toLowerCase() === name);
  const time = column("time") ?? column("time_sec");
  if (rows > 0 && time === undefined)
    throw new QueryFailure(400, "Missing mandatory time column (with time column alias) in annotation query.");
  const annotations: Annotation[] = [];
  const [timeEnd, title, text, tags] = ["timeend", "title", "text", "tags"].map(column);
  const textIn = (field: Field | undefined, row: number): string =>
    (field === undefined ? null : cellText(field, row)) ?? "";
  for (let row = 0; row < Math.min(rows, MAX_ANNOTATIONS); row++) {
    const begin = valueAt(time!, row);
    if (typeof begin !== "number") continue;
    const end = Number(textIn(timeEnd, row));
    annotations.push({
      time: Math.floor(begin),
      ...(end > begin && { timeEnd: Math.floor(end) }),
      title: textIn(title, row),
      text: textIn(text, row),
      tags: textIn(tags, row)
        .split(",")
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ""),
    });
  }
  return annotations;
}

/** Returns the tables of a listing. */
export const tablesOf = (fields: readonly Field[], rows: number): JsonObject => ({
  tables: Array.from({ length: fields.length === 0 ? 0 : rows }, (_, row) => cellText(fields[0]!, row)),
});

/** Returns the names and types of the columns of a listing. */
export const columnsOf = (fields: readonly Field[], rows: number): JsonObject => ({
  columns: Array.from({ length: fields.length < 2 ? 0 : rows }, (_, row) => ({
    name: cellText(fields[0]!, row),
    type: cellText(fields[1]!, row),
  })),
});
