import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf, valueAt } from "@narthex/dashboards";
import { QueryFailure } from "../../query-failure.ts";
import type { SqlCell } from "../../sql/result-columns.ts";
import type { SqlTable } from "../../sql-engine.ts";
import type { TableColumn } from "../../sqlite/sqlite-messages.ts";
import { timeText } from "./mysql-times.ts";

/** Largest number of cells of all tables of a statement, and of characters in them. */
const MAX_CELLS = 1_000_000;
const MAX_TEXT = 32 * 1024 * 1024;
const MAX_COLUMNS = 1000;
const BATCH_CELLS = 10_000;

/** Columns of a table of time series or numbers, besides the labels. As in Grafana. */
const TIME = "time";
const VALUE = "__value__";
const METRIC = "__metric_name__";
const DISPLAY = "__display_name__";

/**
 * Returns the table that the frames of a query become. A single frame without labels is the table itself. Time series
 * and numbers become rows with a column for the value, the name of the metric, and each label. Throws QueryFailure.
 */
export function tableOfFrames(name: string, frames: readonly Frame[]): SqlTable {
  const [first] = frames;
  if (first === undefined || first.fields.length === 0) return longTable(name, []);
  const type = first.meta?.type;
  const isLabelled = frames.some(({ fields }) => fields.some(({ labels }) => Object.keys(labels ?? {}).length > 0));
  const isNumbers = type === "numeric-multi" || type === "numeric-wide";
  if (isNumbers || type === "timeseries-multi" || type === "timeseries-wide")
    return longTable(name, seriesOf(frames, isNumbers), isNumbers);
  if (frames.length === 1 && !isLabelled) return plainTable(name, first);
  const isSeries = frames.every((frame) => frame.length === 0 || timeFieldOf(frame) !== undefined);
  if (isSeries) return longTable(name, seriesOf(frames, false));
  throw new QueryFailure(
    400,
    `query ${name} has ${frames.length} tables, or a table with labels, which are not one table of SQL; ` +
      `change the query so that it returns one table or time series`,
  );
}

/** A column of numbers with the times of its rows. */
interface Series {
  readonly time: NumericField | undefined;
  readonly field: NumericField;
}

const seriesOf = (frames: readonly Frame[], isNumbers: boolean): readonly Series[] =>
  frames.flatMap((frame) => {
    const time = isNumbers ? undefined : timeFieldOf(frame);
    return frame.fields
      .filter((field): field is NumericField => field.type === "number")
      .map((field) => ({ time, field }));
  });

function longTable(name: string, series: readonly Series[], isNumbers = false): SqlTable {
  const starts: number[] = [];
  let length = 0;
  const labels = new Set<string>();
  for (const { field } of series) {
    starts.push(length);
    length += field.values.length;
    for (const label of Object.keys(field.labels ?? {})) labels.add(label);
  }
  const hasDisplay = series.some(({ field }) => displayOf(field) !== null);
  const fixed = [...(isNumbers ? [METRIC, VALUE] : [TIME, VALUE, METRIC]), ...(hasDisplay ? [DISPLAY] : [])];
  const names = [...fixed, ...[...labels].toSorted()];
  const types: Readonly<Record<string, string>> = { [TIME]: "DATETIME TEXT", [VALUE]: "REAL" };
  const columns = uniqueColumns(
    name,
    names.map((one, at) => ({ name: one, type: at < fixed.length ? (types[one] ?? "TEXT") : "TEXT" })),
  );
  checkSize(name, length, columns.length);
  let last = 0;
  return {
    name,
    columns,
    length,
    sortedBy: isNumbers ? [] : [TIME, METRIC],
    cell(column, row) {
      // Rows are read in ascending order; a new table begins with the first series again.
      if (row < starts[last]!) last = 0;
      while (last + 1 < starts.length && starts[last + 1]! <= row) last++;
      const { time, field } = series[last]!;
      const at = row - starts[last]!;
      if (column >= fixed.length) return labelOf(field, names[column]!);
      switch (fixed[column]) {
        case TIME:
          return time === undefined ? null : timeCell(time, at);
        case VALUE:
          return numberCell(field, at);
        case METRIC:
          return field.name;
        default:
          return displayOf(field);
      }
    },
  };
}

const labelOf = ({ labels = {} }: Field, name: string): SqlCell => (Object.hasOwn(labels, name) ? labels[name]! : null);

const displayOf = ({ config }: Field): string | null => config.displayNameFromDS ?? null;

function plainTable(name: string, { fields, length }: Frame): SqlTable {
  const kept = fields.filter(({ type }) => type !== "frame");
  const columns = uniqueColumns(
    name,
    kept.map((field) => ({ name: field.name, type: typeOf(field) })),
  );
  checkSize(name, length, columns.length);
  return { name, columns, length, sortedBy: [], cell: (column, row) => cellOf(kept[column]!, row) };
}

const TYPES: Readonly<Record<Field["type"], string>> = {
  time: "DATETIME TEXT",
  number: "REAL",
  string: "TEXT",
  boolean: "BOOLEAN",
  json: "TEXT",
  frame: "TEXT",
};
const typeOf = ({ type }: Field): string => TYPES[type];

function cellOf(field: Field, row: number): SqlCell {
  if (isNumeric(field)) return field.type === "time" ? timeCell(field, row) : numberCell(field, row);
  const value = valueAt(field, row);
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" ? value : (JSON.stringify(value) ?? null);
}

const timeCell = (field: NumericField, row: number): SqlCell =>
  field.nulls?.[row] === 1 ? null : timeText(field.values[row]!);

/** SQLite has no NaN. */
function numberCell(field: NumericField, row: number): SqlCell {
  const value = field.values[row]!;
  return field.nulls?.[row] === 1 || Number.isNaN(value) ? null : value;
}

/**
 * Returns columns whose names differ also without regard to case, as SQLite requires. A later column with the same name
 * gets a number: `time_2`.
 */
function uniqueColumns(table: string, columns: readonly TableColumn[]): readonly TableColumn[] {
  if (columns.length > MAX_COLUMNS)
    throw new QueryFailure(
      422,
      `query ${table} has ${columns.length} columns or labels; a table of SQL has at most ${MAX_COLUMNS}`,
    );
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  return columns.map(({ name, type }) => {
    const key = name.toLowerCase();
    if (!taken.has(key)) {
      taken.add(key);
      return { name, type };
    }
    // Begins after the number of the last column with this name, so that many equal names take no quadratic time.
    let number = numbers.get(key) ?? 2;
    while (taken.has(`${key}_${number}`)) number++;
    numbers.set(key, number + 1);
    taken.add(`${key}_${number}`);
    return { name: `${name}_${number}`, type };
  });
}

function checkSize(table: string, rows: number, columns: number): void {
  if (rows * columns > MAX_CELLS)
    throw new QueryFailure(
      422,
      `query ${table} has ${rows * columns} cells; SQL expressions read at most ${MAX_CELLS}: ask for fewer points, series or columns`,
    );
}

/** Throws QueryFailure if the tables of a statement are too large together. */
export function checkTables(tables: readonly SqlTable[]): void {
  const cells = tables.reduce((sum, { length, columns }) => sum + length * columns.length, 0);
  if (cells > MAX_CELLS)
    throw new QueryFailure(
      422,
      `the tables ${tables.map(({ name }) => name).join(", ")} have ${cells} cells; SQL expressions read at most ${MAX_CELLS}: ask for fewer points, series or columns`,
    );
}

/** Yields the rows of a table in batches. Throws QueryFailure if their texts are too long together. */
export function* batchesOf(table: SqlTable, taken: { text: number }): Iterable<readonly (readonly SqlCell[])[]> {
  const { name, columns, length } = table;
  const rows = Math.max(1, Math.floor(BATCH_CELLS / Math.max(1, columns.length)));
  for (let first = 0; first < length; first += rows) {
    const batch: SqlCell[][] = [];
    for (let row = first; row < Math.min(length, first + rows); row++) {
      const cells = columns.map((_, column) => table.cell(column, row));
      for (const cell of cells) if (typeof cell === "string") taken.text += cell.length;
      batch.push(cells);
    }
    if (taken.text > MAX_TEXT)
      throw new QueryFailure(
        422,
        `the texts of table ${name} and of the tables before it have more than ${MAX_TEXT} characters; ask for fewer rows or labels`,
      );
    yield batch;
  }
}
