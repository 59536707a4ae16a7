import type { Field, Notice } from "@narthex/dashboards";
import type { SqlCell } from "./sql/result-columns.ts";
import type { TableColumn } from "./sqlite/sqlite-messages.ts";
import type { ValueBudget } from "./value-budget.ts";

/** A table that a SQL expression reads. */
export interface SqlTable {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly length: number;
  /** Columns by which the rows are sorted. Empty: the order of the frame. */
  readonly sortedBy: readonly string[];
  cell(column: number, row: number): SqlCell;
}

/** A statement over the answers of other queries. */
export interface SqlStatementRequest {
  readonly sql: string;
  readonly tables: readonly SqlTable[];
  /** Name of the user whose slots are used. */
  readonly user: string;
  readonly cells: ValueBudget;
  readonly signal: AbortSignal;
}

/** The result of a statement. */
export interface SqlRows {
  readonly rows: number;
  readonly notices: readonly Notice[];
  takeFields(): readonly Field[];
}

/** Runs SQL expressions. */
export interface SqlEngine {
  /** Returns the result of a statement. Rejects with QueryFailure, or with the signal's reason. */
  run(request: SqlStatementRequest): Promise<SqlRows>;
  close(): void;
}
