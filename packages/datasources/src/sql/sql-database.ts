import type { Field } from "@narthex/dashboards";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlSession, SqlStatement } from "./sql-session.ts";

/** A database server, as a data source uses it. */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  /** Opens a connection. Loads the driver when it is first called. Rejects with QueryFailure. */
  open(signal: AbortSignal): Promise<SqlSession>;
  /** Statement whose first column contains the names of the tables. */
  readonly tables: SqlStatement;
  /** Returns the statement whose columns are the names and types of a table's columns. */
  columns(table: string): SqlStatement;
  /** Statement that shows what the user may do, and a function that reads its result. */
  readonly rights: SqlStatement;
  mayWrite(fields: readonly Field[]): boolean;
}
