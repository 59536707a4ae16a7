import type { Field, Frame, JsonObject, Notice } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { Fill } from "./macros.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlSession, SqlStatement } from "./sql-session.ts";

/** A database, as a data source uses it. */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  /** Opens a connection. Loads the driver when it is first called. Rejects with QueryFailure. */
  open(signal: AbortSignal): Promise<SqlSession>;
  /** Largest number of connections, if it is less than for other databases. */
  readonly maxConnections?: number;
  /** Statement whose first column contains the names of the tables. */
  readonly tables: SqlStatement;
  /** Returns the statement whose columns are the names and types of a table's columns. */
  columns(table: string): SqlStatement;
  /** Statement that shows what the user may do, and a function that reads its result. Absent if the user cannot write. */
  readonly rights?: SqlStatement;
  mayWrite?(fields: readonly Field[]): boolean;
  /** Closes what all sessions share. */
  close?(): Promise<void>;
  /** Message if the database works. */
  readonly healthy?: string;
  /** How queries are stored and answered, if it is not as in Grafana's own SQL data sources. */
  readonly model?: SqlQueryModel;
}

/** How the queries of a plugin are stored, and which frames they return. */
interface SqlQueryModel {
  /** Returns the SQL of a query of a panel, a variable or an annotation, or an empty text. Default: `rawSql`. */
  textOf?(query: JsonObject, range: TimeRange): string;
  shape(result: SqlResult, shape: QueryShape): Steps<readonly Frame[]>;
}

/** The result of a statement. */
export interface SqlResult {
  readonly refId: string;
  readonly sql: string;
  /**
   * Returns the columns. May be called once, because the columns take the memory of the result. In columns for time
   * series, whole numbers that are too large for JavaScript are the nearest numbers, not texts.
   */
  readonly takeFields: (roundsLargeNumbers: boolean) => readonly Field[];
  readonly rows: number;
  readonly notices: readonly Notice[];
}

/** The properties of a query that decide about its frames. */
export interface QueryShape {
  readonly source: JsonObject;
  readonly range: TimeRange;
  /** The filling that a macro has chosen. */
  readonly fill: Fill | undefined;
  readonly budget: ValueBudget;
}
