import type { Field, Notice } from "@narthex/dashboards";
import { MAX_COLUMNS } from "../column-limit.ts";
import type { CountBytes } from "../cache/query-slots.ts";
import { LongTexts, type ValueBudget } from "../value-budget.ts";
import { QueryFailure } from "../query-failure.ts";
import { type ColumnBuilder, columnBuilder, type FieldSource, type SqlCell, type SqlColumn } from "./result-columns.ts";

/** Largest number of rows of a result. Further rows are not read. */
export const MAX_ROWS = 1_000_000;
/** Largest number of characters of texts that a result contains once, and repeats in many cells. */
const MAX_REPEATED = 128 * 1024 * 1024;

function checkColumns(count: number): void {
  if (count > MAX_COLUMNS) throw new QueryFailure(422, `the result has more than ${MAX_COLUMNS} columns`);
}

export interface ResultLimits {
  /** Largest size of the result in bytes, as the database sends it. */
  readonly maxBytes: number;
  readonly cells: ValueBudget;
  readonly count: CountBytes;
  readonly maxRows?: number;
}

/** Receives the result of a statement while it arrives. */
export class ResultReader {
  readonly #limits: ResultLimits;
  readonly #maxRows: number;
  readonly #texts: LongTexts;
  /** Columns that are read by rows. */
  #columns: readonly ColumnBuilder[] = [];
  /** All columns. */
  #sources: readonly FieldSource[] = [];
  #rows = 0;
  #bytes = 0;
  #repeated = 0;
  #isCut = false;

  constructor(limits: ResultLimits) {
    this.#limits = limits;
    this.#maxRows = limits.maxRows ?? MAX_ROWS;
    this.#texts = new LongTexts(limits.cells);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Receives the columns of the result. Must be called before the first row. */
  begin(columns: readonly SqlColumn[]): void {
    checkColumns(columns.length);
    this.#columns = columns.map(columnBuilder);
    this.#sources = this.#columns;
  }

  /** Takes the columns of a result that arrives in blocks of columns. */
  beginWith(columns: readonly FieldSource[]): void {
    checkColumns(columns.length);
    this.#sources = columns;
  }

  /**
   * Counts the rows of a block with a number of columns. Returns the number of rows that are read; no further rows are
   * read if it is smaller.
   */
  takeRows(rows: number, columns: number): number {
    const taken = Math.min(rows, this.#maxRows - this.#rows);
    this.#limits.cells.take(taken * columns);
    this.#texts.counted(taken * columns);
    this.#rows += taken;
    if (taken < rows) this.#isCut = true;
    return taken;
  }

  /** Counts values that are parts of cells. Throws QueryFailure if the request has too many. */
  takeCells(count: number): void {
    this.#limits.cells.take(count);
    this.#texts.counted(count);
  }

  /** Counts characters of texts that are in the answer once, and in many cells. Throws QueryFailure. */
  takeText(characters: number): void {
    this.#repeated += characters;
    if (this.#repeated > MAX_REPEATED)
      throw new QueryFailure(
        422,
        `the texts of the result have more than ${MAX_REPEATED} characters; select fewer rows`,
      );
  }

  /** Receives a row. Returns false if no further rows are needed. */
  row(cells: readonly SqlCell[]): boolean {
    if (this.#rows === this.#maxRows) {
      this.#isCut = true;
      return false;
    }
    this.#limits.cells.take(this.#columns.length);
    this.#texts.counted(this.#columns.length);
    for (let i = 0; i < this.#columns.length; i++) this.#columns[i]!.push(cells[i] ?? null);
    this.#rows++;
    return true;
  }

  /** Counts bytes that have arrived. Throws QueryFailure if the result is too large. */
  received(bytes: number): void {
    this.#bytes += bytes;
    const { maxBytes, count } = this.#limits;
    if (this.#bytes > maxBytes)
      throw new QueryFailure(
        422,
        `the result takes more than ${maxBytes / 1024 ** 2} MiB; select fewer rows or columns, or group them`,
      );
    count(bytes);
    this.#texts.take(bytes);
  }

  /**
   * Returns the columns. May be called once, because the columns take the memory of this reader.
   * @param roundsLargeNumbers whether whole numbers that are too large become the nearest numbers, for time series
   */
  takeFields(roundsLargeNumbers = false): readonly Field[] {
    return this.#sources.map((column) => column.takeField(roundsLargeNumbers));
  }

  get notices(): readonly Notice[] {
    if (!this.#isCut) return [];
    const text = `Results have been limited to ${this.#maxRows} because the SQL row limit was reached`;
    return [{ severity: "warning", text }];
  }
}
