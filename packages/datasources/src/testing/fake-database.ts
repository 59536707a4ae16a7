import { reasonOf } from "@narthex/runtime";
import { postgresDialect } from "../postgres/postgres-dialect.ts";
import type { SqlCell, SqlColumn } from "../sql/result-columns.ts";
import type { ResultReader } from "../sql/result-frame.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import type { SqlSession, SqlStatement } from "../sql/sql-session.ts";

/** The result of a statement; undefined if the statement does not end. */
interface FakeResult {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly SqlCell[])[];
  readonly bytes?: number;
}

/** A database that gives the results of a test and records the statements. */
export class FakeDatabase implements SqlDatabase {
  readonly dialect = postgresDialect(false);
  readonly tables = { sql: "TABLES" };
  readonly rights = { sql: "RIGHTS" };
  readonly statements: SqlStatement[] = [];
  readonly #answer: (statement: SqlStatement) => FakeResult | undefined;
  opened = 0;

  constructor(answer: (statement: SqlStatement) => FakeResult | undefined) {
    this.#answer = answer;
  }

  columns = (table: string): SqlStatement => ({ sql: "COLUMNS", values: [table] });
  mayWrite = (): boolean => false;

  open(): Promise<SqlSession> {
    this.opened++;
    return Promise.resolve({
      isUsable: true,
      destroy: () => undefined,
      run: (statement, reader, signal) => this.#run(statement, reader, signal),
    });
  }

  async #run(statement: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    this.statements.push(statement);
    const result = this.#answer(statement);
    if (result === undefined) {
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(reasonOf(signal))));
      return;
    }
    reader.received(result.bytes ?? 0);
    reader.begin(result.columns);
    result.rows.every((row) => reader.row(row));
  }
}
