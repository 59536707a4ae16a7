import type { Field, Frame } from "@narthex/dashboards";
import type { ValueBudget } from "../value-budget.ts";

/**
 * Largest number of cells of a CSV text; further cells are cut off. The limit is needed because dashboards can contain
 * any text.
 */
const MAX_CELLS = 1_000_000;

/** Parses a CSV text by RFC 4180: within quoted cells, quotation marks are doubled. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  let cells = 0;
  for (let at = 0; at < text.length && cells < MAX_CELLS; at++) {
    const char = text[at]!;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[at++]!;
      else isQuoted = false;
    } else if (char === '"' && cell.trim() === "") {
      cell = "";
      isQuoted = true;
    } else if (char === "," || char === "\n") {
      row.push(cell.trim());
      cells++;
      cell = "";
      if (char === "\n") {
        rows.push(row);
        row = [];
      }
    } else cell += char;
  }
  if (cell.trim() !== "" || row.length > 0) rows.push([...row, cell.trim()]);
  return rows.filter((cellsOf) => cellsOf.some((one) => one !== ""));
}

/**
 * Returns the frame of the scenario `csv_content`. The first row contains the names of the columns; a column gets a
 * type that fits all of its cells.
 */
export function csvFrame(refId: string, text: string, budget: ValueBudget): Frame {
  const [names = [], ...rows] = readCsv(text);
  // The budget counts all cells, because a long first row with many short rows below gives a large table.
  budget.take(names.length * rows.length);
  return {
    refId,
    length: rows.length,
    meta: { type: "table" },
    fields: names.map((name, i) =>
      fieldOf(
        name,
        rows.map((row) => row[i] ?? ""),
      ),
    ),
  };
}

const isMissing = (cell: string): boolean => cell === "" || cell === "null";
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/;

function fieldOf(name: string, cells: readonly string[]): Field {
  const there = cells.filter((cell) => !isMissing(cell));
  const config = {};
  const nulls = Uint8Array.from(cells, (cell) => (isMissing(cell) ? 1 : 0));
  const missing = nulls.includes(1) ? { nulls } : {};
  const numbers = (of: (cell: string) => number): Float64Array =>
    Float64Array.from(cells, (cell) => (isMissing(cell) ? 0 : of(cell)));
  if (there.length > 0 && there.every((cell) => !Number.isNaN(Number(cell)) || cell === "NaN")) {
    const isTime = name.toLowerCase() === "time";
    return { name, type: isTime ? "time" : "number", values: numbers(Number), ...missing, config };
  }
  if (there.length > 0 && there.every((cell) => DATE.test(cell) && !Number.isNaN(Date.parse(cell))))
    return { name, type: "time", values: numbers(Date.parse), ...missing, config };
  if (there.length > 0 && there.every((cell) => cell === "true" || cell === "false"))
    return { name, type: "boolean", values: cells.map((cell) => (isMissing(cell) ? null : cell === "true")), config };
  return { name, type: "string", values: cells.map((cell) => (cell === "null" ? null : cell)), config };
}
