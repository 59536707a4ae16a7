import { MAX_COLUMNS } from "../column-limit.ts";
import { LongTexts, type ValueBudget } from "../value-budget.ts";
import { QueryFailure } from "../query-failure.ts";
import { MAX_ROWS } from "../sql/result-frame.ts";

/** Largest number of characters in all cells of a frame. Columns can select the same text several times. */
const MAX_CHARACTERS = 128 * 1024 * 1024;

/** Largest number of values that all selectors and filters of a query visit. */
const MAX_VISITED = 20_000_000;
/** Work after which other work may run: number of visited values, and of characters divided by `CHARACTERS`. */
const LONG_WORK = 10_000;
const CHARACTERS = 64;

/** Limits the rows, columns and texts of a frame. */
export class RowLimits {
  readonly #cells: ValueBudget;
  readonly #maxRows: number;
  readonly #texts: LongTexts;
  #rows = 0;
  #characters = 0;
  #visited = 0;
  #isCut = false;
  #work = 0;

  constructor(cells: ValueBudget, maxRows = MAX_ROWS) {
    this.#cells = cells;
    this.#maxRows = maxRows;
    this.#texts = new LongTexts(cells);
  }

  /** Whether rows were left out. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Returns the columns. Throws QueryFailure if they are too many. */
  columns<T>(columns: readonly T[]): readonly T[] {
    this.checkColumns(columns.length);
    return columns;
  }

  /** Throws QueryFailure if a number of columns is too large. */
  checkColumns(count: number): void {
    if (count > MAX_COLUMNS) throw new QueryFailure(422, `the document has more than ${MAX_COLUMNS} columns`);
  }

  /** Counts a row. Returns false if no further rows are read. */
  row(columns: number): boolean {
    if (this.#rows === this.#maxRows) {
      this.#isCut = true;
      return false;
    }
    this.#cells.take(columns);
    this.#texts.counted(columns);
    this.#rows++;
    return true;
  }

  /** Counts cells of rows that were counted without them. */
  cells(count: number): void {
    this.#cells.take(count);
    this.#texts.counted(count);
  }

  /** Counts values that a selector or a filter visits. Throws QueryFailure if they are too many. */
  visited(values: number): void {
    this.#visited += values;
    this.#work += values;
    if (this.#visited > MAX_VISITED)
      throw new QueryFailure(422, `the selectors and filters of the query visit more than ${MAX_VISITED} values`);
  }

  /** Counts a row that is read. Reports whether other work should run now, because of the work since the last pause. */
  needsPause(): boolean {
    if (++this.#work < LONG_WORK) return false;
    this.#work = 0;
    return true;
  }

  /** Returns a text. Throws QueryFailure if all texts together are too long. */
  text(text: string): string {
    this.#characters += text.length;
    this.#work += text.length / CHARACTERS;
    if (this.#characters > MAX_CHARACTERS)
      throw new QueryFailure(422, `the columns of the query have more than ${MAX_CHARACTERS} characters; select fewer`);
    this.#texts.take(text.length);
    return text;
  }
}
