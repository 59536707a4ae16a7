import type { SqlCell } from "../sql/result-columns.ts";

/** Opens the database. The process receives this message once, before all others. */
interface OpenRequest {
  readonly kind: "open";
  /** Path of the database file, or its URL with options of SQLite. */
  readonly file: string;
}

/** Starts a statement. The process answers with the columns, and then with a batch of rows for each `next`. */
interface RunRequest {
  readonly kind: "run";
  readonly sql: string;
  readonly values: readonly string[];
}

export type SqliteRequest = OpenRequest | RunRequest | { readonly kind: "next" };

/** A column of a result, with the type in the table's definition. */
interface SqliteColumn {
  readonly name: string;
  readonly type: string | null;
}

/** An answer of the process to one request. */
export type SqliteAnswer =
  | { readonly kind: "opened" }
  | { readonly kind: "columns"; readonly columns: readonly SqliteColumn[] }
  | {
      readonly kind: "rows";
      readonly rows: readonly (readonly SqlCell[])[];
      /** Approximate size of the rows in bytes. */
      readonly bytes: number;
      readonly isLast: boolean;
    }
  | { readonly kind: "failure"; readonly message: string };
