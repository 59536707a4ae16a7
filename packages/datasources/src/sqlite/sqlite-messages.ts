import type { SqlCell } from "../sql/result-columns.ts";

/** Opens the database. The process receives this message once, before all others. */
interface OpenRequest {
  readonly kind: "open";
  /** Path of the database file, or its URL with options of SQLite. */
  readonly file: string;
}

/** Opens an empty database in memory instead of a file, with the functions of SQL expressions. */
interface MemoryRequest {
  readonly kind: "memory";
  /** Time that the functions of the statement return, epoch ms. */
  readonly nowMs: number;
}

/** A column of a table in memory. */
export interface TableColumn {
  readonly name: string;
  /** Type in the definition of the table: REAL, TEXT, BOOLEAN or `DATETIME TEXT`. */
  readonly type: string;
}

/** Creates a table in memory. The rows follow. */
interface TableRequest {
  readonly kind: "table";
  readonly name: string;
  readonly columns: readonly TableColumn[];
}

/** Adds rows to the table that was created last. */
interface InsertRequest {
  readonly kind: "insert";
  readonly rows: readonly (readonly SqlCell[])[];
}

/** Sorts the rows of the table that was created last by columns. */
interface SortRequest {
  readonly kind: "sort";
  readonly columns: readonly string[];
}

/** Ends the definition of tables. Later statements may only read them. */
interface ReadOnlyRequest {
  readonly kind: "readonly";
}

export type LoadRequest = MemoryRequest | TableRequest | InsertRequest | SortRequest | ReadOnlyRequest;

/** Starts a statement. The process answers with the columns, and then with a batch of rows for each `next`. */
interface RunRequest {
  readonly kind: "run";
  readonly sql: string;
  readonly values: readonly string[];
}

export type SqliteRequest = OpenRequest | LoadRequest | RunRequest | { readonly kind: "next" };

/** A column of a result, with the type in the table's definition. */
interface SqliteColumn {
  readonly name: string;
  readonly type: string | null;
}

/** An answer of the process to one request. */
export type SqliteAnswer =
  | { readonly kind: "opened" }
  | { readonly kind: "loaded" }
  | { readonly kind: "columns"; readonly columns: readonly SqliteColumn[] }
  | {
      readonly kind: "rows";
      readonly rows: readonly (readonly SqlCell[])[];
      /** Approximate size of the rows in bytes. */
      readonly bytes: number;
      readonly isLast: boolean;
    }
  | { readonly kind: "failure"; readonly message: string };
