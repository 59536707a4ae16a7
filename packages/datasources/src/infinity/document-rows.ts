import type { Field } from "@narthex/dashboards";
import { type Clock, parseJsonInTurns, runInTimeSlices, type Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { InfinityTarget, TargetColumn } from "./infinity-target.ts";
import { readCsv } from "./read-csv.ts";
import { readXml } from "./read-xml.ts";
import { parseSelector, select } from "./root-selector.ts";
import { columnOf, kindOf, textOf } from "./row-columns.ts";
import { rowFilter } from "./row-filters.ts";
import type { RowLimits } from "./row-limits.ts";

const STEP_ROWS = 2000;
/** Name of the only column of rows that are single values. */
const VALUE = "value";

/** The columns of a document. */
interface DocumentTable {
  readonly fields: readonly Field[];
  readonly rows: number;
}

/** Returns the rows of a document as columns, as a target selects them. Throws QueryFailure. */
export async function documentTable(
  text: string,
  target: InfinityTarget,
  { limits, clock }: { readonly limits: RowLimits; readonly clock: Clock },
): Promise<DocumentTable> {
  const rows =
    target.type === "csv"
      ? await csvRows(text, target, limits)
      : rowsOf(select(await parsedDocument(text, target, limits, clock), parseSelector(target.rootSelector)));
  return runInTimeSlices(clock, tableOf(rows, target, limits));
}

async function parsedDocument(
  text: string,
  { type }: InfinityTarget,
  limits: RowLimits,
  clock: Clock,
): Promise<unknown> {
  if (type === "xml") return readXml(text, limits, clock);
  try {
    return await parseJsonInTurns(clock, text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new QueryFailure(422, `the document is not JSON: ${error.message.slice(0, 200)}`);
  }
}

async function csvRows(text: string, { csv }: InfinityTarget, limits: RowLimits): Promise<readonly unknown[]> {
  const { names, rows } = await readCsv(text, csv, limits);
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
}

/** Returns the rows in a selected value: the elements of a list, or the value itself. */
const rowsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function* tableOf(all: readonly unknown[], target: InfinityTarget, limits: RowLimits): Steps<DocumentTable> {
  const given = target.columns.length > 0;
  const columns = limits.columns(given ? target.columns : yield* columnsIn(all, limits));
  const named = (field: string): TargetColumn | undefined =>
    columns.find(({ name }) => name === field) ?? columns.find(({ selector }) => selector === field);
  const isShown = rowFilter(target.filters, (field) => {
    const cell = cellOf(named(field)?.selector ?? field);
    return (row: unknown) => textOf(cell(row), limits) ?? "";
  });
  const rows: unknown[] = [];
  for (const [at, row] of all.entries()) {
    if (at % STEP_ROWS === STEP_ROWS - 1) yield;
    if (!isShown(row)) continue;
    // The rows of CSV have been counted.
    if (target.type !== "csv" && !limits.row(columns.length)) break;
    rows.push(row);
  }
  const fields: Field[] = [];
  for (const { selector, name, kind } of columns) {
    const cell = cellOf(selector);
    const values = rows.map(cell);
    fields.push(
      yield* columnOf(name, given ? kind : target.type === "csv" ? "string" : kindOf(values), values, limits),
    );
    yield;
  }
  return { fields, rows: rows.length };
}

/** Returns the columns of rows for which the target names none: all their properties. */
function* columnsIn(rows: readonly unknown[], limits: RowLimits): Steps<readonly TargetColumn[]> {
  const names = new Set<string>();
  for (const [at, row] of rows.entries()) {
    if (at % STEP_ROWS === STEP_ROWS - 1) yield;
    for (const name of typeof row === "object" && row !== null ? Object.keys(row) : [VALUE]) names.add(name);
    limits.columns([...(names.size > MAX_NAMES ? names : [])]);
  }
  return [...names].map((name) => ({ selector: name, name, kind: "string" }));
}

/** Number of names after which their limit is checked. */
const MAX_NAMES = 2000;

/** Returns the function that finds the cell of a row: the property with this name, or what the selector selects. */
function cellOf(selector: string): (row: unknown) => unknown {
  let steps: ReturnType<typeof parseSelector> | undefined;
  return (row) => {
    if (typeof row !== "object" || row === null) return selector === VALUE || selector === "" ? row : null;
    if (Object.hasOwn(row, selector)) return (row as Record<string, unknown>)[selector];
    steps ??= parseSelector(selector);
    return select(row, steps) ?? null;
  };
}
