import { columnOf, type Field, type Frame, type JsonObject, typeOfValues } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { MAX_COLUMNS } from "../column-limit.ts";
import { takeJson } from "../json-cells.ts";
import { asObject, objectAt, objectsAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";

/** Depth up to which objects become columns with dotted names. */
const MAX_DEPTH = 10;
/** Fields that usually contain the text of a log line, if the settings name none. */
const MESSAGE_FIELDS = ["message", "msg", "log", "line"];

export interface DocumentFields {
  readonly timeField: string;
  /** Field with the text of a log line, or an empty text. */
  readonly messageField: string;
  /** Field with the level of a log line, or an empty text. */
  readonly levelField: string;
}

interface DocumentContext extends DocumentFields {
  readonly refId: string;
  readonly budget: ValueBudget;
}

type Row = Map<string, unknown>;

/** Returns a frame with a row for each document, and a column for each of their fields. */
export function* documentFrame(hits: JsonObject, type: "raw_data" | "logs", context: DocumentContext): Steps<Frame> {
  const rows: Row[] = [];
  const names = new Set<string>();
  for (const hit of objectsAt(hits, "hits")) {
    const row = rowOf(hit, type, context);
    rows.push(row);
    yield* takeJson(Object.fromEntries(row), context.budget);
    for (const name of row.keys()) names.add(name);
    if (names.size > MAX_COLUMNS)
      throw new QueryFailure(
        422,
        `the documents have more than ${MAX_COLUMNS} different fields; select fewer documents`,
      );
    yield;
  }
  context.budget.take(rows.length * names.size);
  const fields: Field[] = [];
  for (const name of sortedNames(names, type, context)) {
    fields.push(columnOfRows(name, rows, name === context.timeField));
    yield;
  }
  const meta = type === "logs" ? { preferredVisualisationType: "logs" } : undefined;
  return { refId: context.refId, length: rows.length, fields, ...(meta !== undefined && { meta }) };
}

/** Returns a frame whose only column contains the documents as JSON. */
export function* rawDocumentFrame(hits: JsonObject, { refId, budget }: DocumentContext): Steps<Frame> {
  const documents = objectsAt(hits, "hits").map((hit) => ({
    ...metaOf(hit),
    ...objectAt(hit, "_source"),
    ...objectAt(hit, "fields"),
  }));
  yield* takeJson(documents, budget);
  const field = columnOf({ name: refId, config: { filterable: true } }, "json", documents);
  return { refId, name: refId, length: documents.length, fields: [field] };
}

function metaOf(hit: JsonObject): JsonObject {
  const { _id, _type, _index, sort, highlight } = hit;
  return { _id, _type, _index, sort, highlight };
}

function rowOf(hit: JsonObject, type: "raw_data" | "logs", { levelField }: DocumentContext): Row {
  const flat = flattened(objectAt(hit, "_source") ?? {});
  const row: Row = new Map(Object.entries(metaOf(hit)).filter(([, value]) => value !== undefined));
  if (type === "logs") row.set("_source", Object.fromEntries(flat));
  for (const [name, value] of flat) row.set(type === "logs" && name === levelField ? "level" : name, value);
  return row;
}

/** Returns the fields of a document with the names of nested ones joined by dots. */
export function flattened(source: JsonObject): ReadonlyMap<string, unknown> {
  const flat = new Map<string, unknown>();
  const pending: { readonly object: JsonObject; readonly prefix: string; readonly depth: number }[] = [
    { object: source, prefix: "", depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const [key, value] of Object.entries(next.object)) {
      const name = next.prefix + key;
      const inner = asObject(value);
      if (inner === undefined || next.depth === MAX_DEPTH || Object.keys(inner).length === 0) flat.set(name, value);
      else pending.push({ object: inner, prefix: `${name}.`, depth: next.depth + 1 });
    }
  return flat;
}

/** Returns the names of the columns: the time, the text of a line, and all others by name. */
function sortedNames(
  names: ReadonlySet<string>,
  type: "raw_data" | "logs",
  { timeField, messageField }: DocumentFields,
): readonly string[] {
  const message = messageField || MESSAGE_FIELDS.find((name) => names.has(name)) || "_source";
  const first = [timeField, ...(type === "logs" ? [message] : [])].filter((name) => names.has(name));
  return [...first, ...[...names].filter((name) => !first.includes(name)).sort()];
}

function columnOfRows(name: string, rows: readonly Row[], isTime: boolean): Field {
  const values = rows.map((row) => row.get(name));
  return columnOf({ name, config: { filterable: true } }, isTime ? "time" : typeOfValues(values), values);
}
