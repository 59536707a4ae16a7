import type { Field } from "@narthex/dashboards";
import { type Clock, parseJsonInTurns, runInTimeSlices, type Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { InfinityTarget, TargetColumn } from "./infinity-target.ts";
import { readCsv } from "./read-csv.ts";
import { readXml } from "./read-xml.ts";
import { parseSelector, select, selecting } from "./root-selector.ts";
import { columnOf, kindOf, textOf } from "./row-columns.ts";
import { rowFilter } from "./row-filters.ts";
import type { RowLimits } from "./row-limits.ts";

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
  if (target.type === "csv") {
    const { names, rows } = await readCsv(text, target.csv, limits);
    const document = { rows, cellOf: indexedCell(names), names, isCounted: true };
    return runInTimeSlices(clock, tableOf(document, target, limits));
  }
  const root = await parsedDocument(text, target, limits, clock);
  const visit = (values: number): void => limits.visited(values);
  const rows = rowsOf(await runInTimeSlices(clock, selecting(root, parseSelector(target.rootSelector), visit)));
  const document = { rows, cellOf: (selector: string) => cellOf(selector, visit) };
  return runInTimeSlices(clock, tableOf(document, target, limits));
}

/** The rows of a document, and the function that returns how a selector finds a cell. */
interface DocumentRows {
  readonly rows: readonly unknown[];
  readonly cellOf: (selector: string) => (row: unknown) => unknown;
  /** Names of the columns of CSV, whose cells are texts. */
  readonly names?: readonly string[];
  /** Whether the limits have counted the rows. */
  readonly isCounted?: boolean;
}

/** Returns the function that finds cells of CSV by the name of their column. */
const indexedCell =
  (names: readonly string[]): DocumentRows["cellOf"] =>
  (selector) => {
    const at = names.indexOf(selector);
    return (row) => (row as readonly unknown[])[at] ?? null;
  };

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

/** Returns the rows in a selected value: the elements of a list, or the value itself. */
const rowsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function* tableOf(document: DocumentRows, target: InfinityTarget, limits: RowLimits): Steps<DocumentTable> {
  const columns = target.columns.length > 0 ? target.columns : yield* columnsIn(document, limits);
  const rows = yield* shownRows(document, columns, { target, limits });
  const fields: Field[] = [];
  for (const { selector, name, kind } of limits.columns(columns)) {
    const cells = { rows, cell: document.cellOf(selector) };
    fields.push(yield* columnOf(name, kind ?? (yield* kindOf(cells, limits)), cells, limits));
    yield;
  }
  return { fields, rows: rows.length };
}

/** A column; the values decide about its kind if it is undefined. */
interface DocumentColumn extends Omit<TargetColumn, "kind"> {
  readonly kind: TargetColumn["kind"] | undefined;
}

/** Returns the rows that the filters of a target keep, up to the limits. */
function* shownRows(
  document: DocumentRows,
  columns: readonly DocumentColumn[],
  { target, limits }: { readonly target: InfinityTarget; readonly limits: RowLimits },
): Steps<readonly unknown[]> {
  const named = (field: string): DocumentColumn | undefined =>
    columns.find(({ name }) => name === field) ?? columns.find(({ selector }) => selector === field);
  const isShown = rowFilter(target.filters, (field) => {
    const cell = document.cellOf(named(field)?.selector ?? field);
    return (row: unknown) => textOf(cell(row), limits) ?? "";
  });
  const rows: unknown[] = [];
  for (const row of document.rows) {
    if (limits.needsPause()) yield;
    limits.visited(target.filters.length);
    if (!isShown(row)) continue;
    if (document.isCounted !== true && !limits.row(columns.length)) break;
    rows.push(row);
  }
  return rows;
}

/** Returns the columns of rows for which the target names none: all their properties. */
function* columnsIn({ rows, names }: DocumentRows, limits: RowLimits): Steps<readonly DocumentColumn[]> {
  if (names !== undefined) return names.map((name) => ({ selector: name, name, kind: "string" }));
  const found = new Set<string>();
  for (const row of rows) {
    if (limits.needsPause()) yield;
    // The keys of a long list would take much memory.
    if (Array.isArray(row)) limits.checkColumns(row.length);
    const keys = typeof row === "object" && row !== null ? Object.keys(row) : [VALUE];
    limits.checkColumns(keys.length);
    limits.visited(keys.length);
    for (const name of keys) found.add(name);
    limits.checkColumns(found.size);
  }
  return [...found].map((name) => ({ selector: name, name, kind: undefined }));
}

/** Returns the function that finds the cell of a row: the property with this name, or what the selector selects. */
function cellOf(selector: string, visit: (values: number) => void): (row: unknown) => unknown {
  let steps: ReturnType<typeof parseSelector> | undefined;
  return (row) => {
    if (typeof row !== "object" || row === null) return selector === VALUE || selector === "" ? row : null;
    if (Object.hasOwn(row, selector)) return (row as Record<string, unknown>)[selector];
    steps ??= parseSelector(selector);
    return select(row, steps, visit) ?? null;
  };
}
