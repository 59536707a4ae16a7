import type { Exception } from "./exceptions.ts";

/**
 * Finds the exception for a documentation command that the test does not run as written. Records which exceptions were
 * used.
 */
export class ExceptionList {
  readonly #rows: readonly Exception[];
  readonly #needed = new Map<Exception, number>();

  constructor(rows: readonly Exception[]) {
    this.#rows = rows;
  }

  /** Returns the first exception for a command of a documentation page; undefined if the command runs as written. */
  of(page: string, command: string): Exception | undefined {
    const row = this.#rows.find((one) => matches(one.page, page) && matches(one.command, command));
    if (row !== undefined) this.#needed.set(row, (this.#needed.get(row) ?? 0) + 1);
    return row;
  }

  /** Returns the exceptions that applied to no command; the test fails if there are any. */
  get unneeded(): string[] {
    return this.#rows.filter((row) => !this.#needed.has(row)).map(({ page, command }) => `${page}: ${command}`);
  }

  /**
   * Number of commands and configurations in the documentation that the test does not run, or that only another page's
   * test runs.
   */
  get notRun(): number {
    const counts = [...this.#needed].filter(([row]) => row.kind === "left out" || row.kind === "elsewhere");
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }
}

const matches = (wanted: string | RegExp, text: string): boolean =>
  typeof wanted === "string" ? wanted === text : wanted.test(text);
