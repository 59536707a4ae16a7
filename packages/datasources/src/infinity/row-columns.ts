import type { Field, NumericField, StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import { parseSqlTime } from "../sql/sql-time.ts";
import type { ColumnKind } from "./infinity-target.ts";
import type { RowLimits } from "./row-limits.ts";

/** Largest distance from 1970 in ms that a date can have. */
const MAX_TIME_MS = 8.64e15;

/** Rows of a document, and the function that finds a cell of a row. */
export interface Cells {
  readonly rows: readonly unknown[];
  readonly cell: (row: unknown) => unknown;
}

/** Returns a column of cells. Values that its kind does not permit are null. */
export function* columnOf(name: string, kind: ColumnKind, { rows, cell }: Cells, limits: RowLimits): Steps<Field> {
  const named = { name, config: {} };
  if (kind === "string" || kind === "boolean") {
    const cells: (string | boolean | null)[] = [];
    for (let row = 0; row < rows.length; row++) {
      if (limits.needsPause()) yield;
      const value = cell(rows[row]);
      cells.push(kind === "string" ? textOf(value, limits) : booleanOf(value));
    }
    return { ...named, type: kind, values: cells } as unknown as Field;
  }
  const numbers = new Float64Array(rows.length);
  const nulls = new Uint8Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    if (limits.needsPause()) yield;
    const value = cell(rows[row]);
    const number = kind === "number" ? numberOf(value) : timeOf(value, kind);
    if (number === undefined) nulls[row] = 1;
    else numbers[row] = number;
  }
  const type = kind === "number" ? "number" : "time";
  return { ...named, type, values: numbers, ...(nulls.includes(1) && { nulls }) };
}

/** Returns the kind of a column whose kind is not given: that of all its values, or else texts. */
export function* kindOf({ rows, cell }: Cells, limits: RowLimits): Steps<ColumnKind> {
  const types = new Set<string>();
  for (const row of rows) {
    if (limits.needsPause()) yield;
    const value = cell(row);
    if (value !== null && value !== undefined) types.add(typeof value);
    if (types.size > 1) return "string";
  }
  return types.has("number") ? "number" : types.has("boolean") ? "boolean" : "string";
}

/** Returns a value as text. Lists and objects are written as JSON. */
export function textOf(value: unknown, limits: RowLimits): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return limits.text(value);
  if (typeof value === "number" || typeof value === "boolean") return limits.text(String(value));
  try {
    return limits.text(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) throw new QueryFailure(422, "a value of the document is nested too deeply");
    throw error;
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function booleanOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === 0) return value === 1;
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : null;
}

function timeOf(value: unknown, kind: ColumnKind): number | undefined {
  const number = numberOf(value);
  if (kind === "timestamp_epoch_s") return number === undefined ? undefined : within(number * 1000);
  if (kind === "timestamp_epoch") return number === undefined ? undefined : within(number);
  if (typeof value === "string" && (number === undefined || /^\s*\d{4}\s*$/.test(value)))
    return parseTime(value.trim());
  return number === undefined ? undefined : within(number);
}

/** Returns a column of texts as times. Texts that are no times become null. */
export function timesOf({ name, config, values: texts }: StringField): NumericField {
  const times = Array.from(texts, (text) => timeOf(text, "timestamp"));
  const values = Float64Array.from(times, (ms) => ms ?? 0);
  const nulls = Uint8Array.from(times, (ms) => (ms === undefined ? 1 : 0));
  return { name, config, type: "time", values, nulls };
}

const within = (ms: number): number | undefined => (Math.abs(ms) <= MAX_TIME_MS ? ms : undefined);

/** Parses a time. A text without a zone is in UTC, so that the zone of this machine has no effect. */
function parseTime(text: string): number | undefined {
  const known = parseSqlTime(text);
  if (known !== undefined) return known;
  if (/^\d{4}$/.test(text)) return parseSqlTime(`${text}-01-01`);
  if (/^\d{4}-\d\d$/.test(text)) return parseSqlTime(`${text}-01`);
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d$/.test(text)) return parseSqlTime(`${text}:00`);
  // Other texts must name their zone.
  if (!/(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/.test(text) || text.length > 60) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
