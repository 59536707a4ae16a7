import type { Field, Frame } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";
import { mappedColumn, numbersColumn } from "../column-steps.ts";
import { csvRows } from "./csv-rows.ts";

interface FluxFrameSettings {
  readonly refId: string;
  /** Text of the query that the server got. */
  readonly text: string;
  readonly maxSeries: number;
  /** Called before cells are created; throws if there are too many. */
  readonly take: (cells: number) => void;
}

/** A column of a table: its name, the type of its values, and the value of empty cells. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly usual: string;
}

/** Annotations that are read. An answer could contain any number of others. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["datatype", "default"]);
/** Types of columns of numbers, and of times. */
const NUMBERS: ReadonlySet<string> = new Set(["double", "long", "unsignedLong"]);
const TIMES: ReadonlySet<string> = new Set(["dateTime:RFC3339", "dateTime:RFC3339Nano"]);
/** Cells that a table takes in addition to those of its rows. */
const TABLE_CELLS = 20;

/**
 * Reads an answer in annotated CSV. A table with the columns `_time` and `_value` becomes a series, which is named by
 * its `_field` and has the other columns as labels. Other tables keep their columns.
 */
export function* fluxFrames(csv: string, settings: FluxFrameSettings): Steps<readonly Frame[]> {
  const tables: FluxTable[] = [];
  const annotations = new Map<string, readonly string[]>();
  let columns: readonly Column[] | undefined;
  let places: ReadonlyMap<string, number> = new Map();
  let table: FluxTable | undefined;
  for (const row of csvRows(csv)) {
    yield;
    const [first] = row;
    if (first === undefined) columns = undefined;
    else if (first.startsWith("#")) {
      if (columns !== undefined) annotations.clear();
      columns = undefined;
      const name = first.slice(1);
      if (ANNOTATIONS.has(name)) annotations.set(name, row);
    } else if (columns === undefined) {
      columns = columnsOf(row, annotations);
      places = placesOf(columns);
      annotations.clear();
      table = undefined;
    } else {
      const cells = columns.map(({ usual }, at) => row[at] || usual);
      refuseError(columns, cells);
      const at = places.get("table");
      const id = at === undefined ? "" : cells[at]!;
      if (table === undefined || table.id !== id) {
        if (tables.length >= settings.maxSeries)
          throw new QueryFailure(
            422,
            `the query returns more than ${settings.maxSeries} series; reduce them, or increase "Max series" of the source`,
          );
        settings.take(TABLE_CELLS + columns.length);
        table = new FluxTable(id, columns, places);
        tables.push(table);
      }
      settings.take(columns.length);
      table.add(cells);
    }
  }
  const meta = { executedQueryString: settings.text };
  const frames: Frame[] = [];
  for (const one of tables) {
    frames.push({ ...(yield* one.frame()), refId: settings.refId, ...(frames.length === 0 && { meta }) });
    yield;
  }
  return frames;
}

function columnsOf(header: readonly string[], annotations: ReadonlyMap<string, readonly string[]>): readonly Column[] {
  const [types, usual] = [annotations.get("datatype"), annotations.get("default")];
  // The first column has no name, because it contains the names of annotations.
  return header.map((name, at) => ({
    name,
    type: types?.[at] ?? "string",
    usual: usual?.[at] ?? "",
  }));
}

/** Returns the index of each column by its name; the first one of columns with the same name. */
function placesOf(columns: readonly Column[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [at, { name }] of columns.entries()) if (!places.has(name)) places.set(name, at);
  return places;
}

/** Throws the error that the server reports in a table, because it had already sent the status. */
function refuseError(columns: readonly Column[], cells: readonly string[]): void {
  const at = columns.findIndex(({ name }) => name === "error");
  if (columns.length > 3 || at < 0) return;
  throw new QueryFailure(400, `InfluxDB returned error: ${cells[at]!.replaceAll(/\s+/g, " ").slice(0, 1000)}`);
}

class FluxTable {
  readonly id: string;
  readonly #columns: readonly Column[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #cells: string[][];

  constructor(id: string, columns: readonly Column[], places: ReadonlyMap<string, number>) {
    this.id = id;
    this.#places = places;
    this.#columns = columns;
    this.#cells = columns.map(() => []);
  }

  add(cells: readonly string[]): void {
    for (const [at, cell] of cells.entries()) this.#cells[at]!.push(cell);
  }

  *frame(): Steps<Frame> {
    const length = this.#cells[0]!.length;
    const [timeAt, valueAt] = [this.#places.get("_time"), this.#places.get("_value")];
    if (timeAt === undefined || valueAt === undefined || !TIMES.has(this.#columns[timeAt]!.type)) {
      const fields: Field[] = [];
      for (const [at, { name }] of this.#columns.entries()) if (name !== "") fields.push(yield* this.#fieldAt(at));
      return { length, fields };
    }
    const [time, value] = [yield* this.#fieldAt(timeAt), yield* this.#fieldAt(valueAt)];
    const labels = this.#labels();
    const hasLabels = Object.keys(labels).length > 0;
    return {
      name: this.#first("_measurement"),
      length,
      fields: [
        { ...time, name: "Time" },
        { ...value, name: this.#first("_field") || "_value", ...(hasLabels && { labels }) },
      ],
    };
  }

  #labels(): Readonly<Record<string, string>> {
    const labels = Object.create(null) as Record<string, string>;
    for (const { name } of this.#columns)
      if (name !== "" && name !== "result" && name !== "table" && !name.startsWith("_"))
        labels[name] = this.#first(name);
    return labels;
  }

  #first(name: string): string {
    const at = this.#places.get(name);
    return at === undefined ? "" : (this.#cells[at]![0] ?? "");
  }

  #fieldAt(at: number): Steps<Field> {
    const { name, type } = this.#columns[at]!;
    return fieldOf(name, type, this.#cells[at]!);
  }
}

function* fieldOf(name: string, type: string, cells: readonly string[]): Steps<Field> {
  const head = { name, config: {} };
  if (NUMBERS.has(type)) return yield* numbersColumn(head, "number", cells, numberOf);
  if (TIMES.has(type)) return yield* numbersColumn(head, "time", cells, timeOf);
  if (type !== "boolean") return { ...head, type: "string", values: cells };
  const values = yield* mappedColumn(cells, (cell) => (cell === "" ? null : cell === "true"));
  return { ...head, type: "boolean", values };
}

const timeOf = (text: string): number | undefined => (text === "" ? undefined : Date.parse(text));

function numberOf(text: string): number | undefined {
  if (text === "") return undefined;
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}
