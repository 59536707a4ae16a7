import type { AskedQuery } from "../../sources/queries/answering-role.ts";

/** A statement, and how it is asked. Default format: a table. */
export type SqlCase =
  | string
  | (Omit<AskedQuery, "target"> & { readonly sql: string; readonly format?: string; readonly target?: object });

/** Returns the query of a source whose targets have `rawSql`. */
export const askedSql = (query: SqlCase): AskedQuery => {
  const { sql, format = "table", target, ...more } = typeof query === "string" ? { sql: query } : query;
  return { ...more, target: { rawSql: sql, format, ...target } };
};
