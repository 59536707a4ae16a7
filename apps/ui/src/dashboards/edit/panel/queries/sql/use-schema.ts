import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { requestResource } from "../source-resource.ts";
import { useListing } from "../use-listing.ts";

const FRESH_MS = 60_000;
/** Largest number of tables whose columns are requested, so that a long query does not send many requests. */
const MAX_TABLES = 8;

/** Names of columns by the name of their table. */
type Schema = Readonly<Record<string, readonly string[]>>;

const none: readonly string[] = [];

const readTables = ({ tables }: { readonly tables: readonly string[] }): readonly string[] => tables;

/** Returns the tables whose names occur in an SQL text. */
function tablesNamedIn(text: string, tables: readonly string[]): readonly string[] {
  const words = new Set(text.toLowerCase().match(/[\w.]+/g));
  return tables.filter((table) => words.has(table.toLowerCase())).slice(0, MAX_TABLES);
}

/**
 * Requests the tables of a data source, and the columns of the tables that an SQL text names. Returns what is loaded so
 * far; nothing without a data source and after an error.
 */
export function useSchema(uid: string | undefined, text: string): Schema {
  const shared = { enabled: uid !== undefined, staleTime: FRESH_MS, retry: false } as const;
  const tables = useListing({ uid, path: "tables", read: readTables });
  const named = tablesNamedIn(text, tables);
  const columns = useQueries({
    queries: named.map((table) => ({
      ...shared,
      queryKey: ["sql-columns", uid, table],
      queryFn: async ({ signal }: { readonly signal: AbortSignal }) => {
        const answer = await requestResource<{ readonly columns: readonly { readonly name: string }[] }>(
          uid!,
          "columns",
          { table },
          signal,
        );
        return answer.columns.map(({ name }) => name);
      },
    })),
    combine: (results) => results.map(({ data }) => data ?? none),
  });
  return useMemo(() => {
    const known = new Map(named.map((table, at) => [table, columns[at] ?? none]));
    return Object.fromEntries(tables.map((table) => [table, known.get(table) ?? none]));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the names follow from the text and the tables
  }, [tables, columns, named.join("\n")]);
}
