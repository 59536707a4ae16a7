import { columnOf, type Field, type Frame, type JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { MAX_COLUMNS } from "../column-limit.ts";
import type { TimeRange } from "../data-source.ts";
import { listAt, objectsAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";

const NUMBERS: ReadonlySet<string> = new Set(["integer", "int", "long", "short", "byte", "float", "double", "bigint"]);
const TIMES: ReadonlySet<string> = new Set(["timestamp", "date", "datetime"]);

/** Reports whether a query is written in the piped language of OpenSearch. */
export const isPpl = (source: JsonObject): boolean => textAt(source, "queryType").toUpperCase() === "PPL";

/**
 * Returns the text of a query in the piped language of OpenSearch. As in the plugin, the range is added after the first
 * command. Throws QueryFailure for an empty query.
 */
export function pplText(source: JsonObject, { from, to }: TimeRange, timeField: string): string {
  const [first = "", ...rest] = textAt(source, "query").split("|");
  if (first.trim() === "") throw new QueryFailure(400, "the query is empty; write source = INDEX");
  const time = (ms: number): string => `timestamp('${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}')`;
  const field = `\`${timeField.replaceAll("`", "")}\``;
  const range = ` where ${field} >= ${time(from)} and ${field} <= ${time(to)}`;
  return [`${first.trimEnd()} `, range, ...rest].join("|");
}

interface PplContext {
  readonly refId: string;
  readonly text: string;
  readonly isSeries: boolean;
  readonly budget: ValueBudget;
}

/** Returns the frame of an answer `{schema: [{name, type}], datarows: [[…]]}`. */
export function* pplFrame(answer: JsonObject, { refId, text, isSeries, budget }: PplContext): Steps<Frame> {
  const schema = objectsAt(answer, "schema");
  if (schema.length > MAX_COLUMNS) throw new QueryFailure(422, `the result has more than ${MAX_COLUMNS} columns`);
  const rows = listAt(answer, "datarows");
  budget.take(rows.length * schema.length);
  const fields: Field[] = [];
  for (const [at, column] of schema.entries()) {
    const type = textAt(column, "type");
    const values = rows.map((row) => (Array.isArray(row) ? (row[at] as unknown) : undefined));
    const isTime = TIMES.has(type);
    const name = textAt(column, "alias") || textAt(column, "name");
    const kind = isTime ? "time" : NUMBERS.has(type) ? "number" : type === "boolean" ? "boolean" : "string";
    fields.push(columnOf({ name }, kind, isTime ? values.map(inUtc) : values));
    yield;
  }
  const hasTime = fields.some(({ type }) => type === "time");
  if (isSeries && rows.length > 0 && !hasTime)
    throw new QueryFailure(400, "the result has no column with times; select one, or choose the format table");
  const meta = { executedQueryString: text, ...(isSeries && { type: "timeseries-wide" as const }) };
  return { refId, length: rows.length, fields, meta };
}

/** Marks a time without a zone, `2026-11-24 10:00:00`, as UTC. */
const inUtc = (value: unknown): unknown =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(value) ? `${value.replace(" ", "T")}Z` : value;
