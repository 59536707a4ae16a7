import { type Field, numericColumn } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";

/** Number of cells that are converted between two yields to other work. */
export const CELLS_A_STEP = 4096;

/** Calls `work` for each row in order. Yields after every few thousand rows, and after the last one. */
export function* forRows(rows: number, work: (row: number) => void): Steps<void> {
  for (let from = 0; from < rows; from += CELLS_A_STEP) {
    const end = Math.min(rows, from + CELLS_A_STEP);
    for (let row = from; row < end; row++) work(row);
    yield;
  }
}

/** Converts each cell of a column in short steps. */
export function* mappedColumn<T, U>(cells: readonly T[], convert: (cell: T) => U): Steps<U[]> {
  const converted: U[] = [];
  yield* forRows(cells.length, (row) => {
    converted.push(convert(cells[row]!));
  });
  return converted;
}

/**
 * Builds a column of numbers or times in short steps.
 * @param numberOf returns the number of a cell; undefined means null
 */
export function* numbersColumn<T>(
  head: Pick<Field, "name" | "config">,
  type: "time" | "number",
  cells: readonly T[],
  numberOf: (cell: T) => number | undefined,
): Steps<Field> {
  const values = new Float64Array(cells.length);
  const nulls = new Uint8Array(cells.length);
  yield* forRows(cells.length, (row) => {
    const number = numberOf(cells[row]!);
    if (number === undefined) nulls[row] = 1;
    else values[row] = number;
  });
  return numericColumn(head, type, values, nulls);
}
