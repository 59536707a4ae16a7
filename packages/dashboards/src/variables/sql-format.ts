import type { Formatter, PlacedFormat } from "./variable-format.ts";

/**
 * Formats values of variables for SQL, as Grafana does. A variable that allows several values becomes a list of string
 * literals. A single value gets no quotes, because queries contain them: `'$name'`.
 *
 * @param escape escapes a value for a string literal in single quotes
 */
function sqlFormatter(escape: (value: string) => string): Formatter {
  return ({ values, isMulti }) => values.map((value) => (isMulti ? `'${escape(value)}'` : escape(value))).join(",");
}

const doubleQuotes = (value: string): string => value.replaceAll("'", "''");
/** MySQL and MariaDB treat a backslash in a literal as an escape character. */
const escapeForMysql = (value: string): string => doubleQuotes(value.replaceAll("\\", String.raw`\\`));

/** Format for SQL whose literals have no escape character but the doubled quote. */
export const sqlFormat: Formatter = sqlFormatter(doubleQuotes);

/**
 * Format for MySQL and MariaDB. Replaces also the format `sqlstring`, which does not escape backslashes, so that a value
 * that ends with a backslash cannot extend its literal.
 */
export const mysqlFormat: PlacedFormat = {
  in: () => () => sqlFormatter(escapeForMysql),
  named: { sqlstring: ({ values }) => values.map((value) => `'${escapeForMysql(value)}'`).join(",") },
};
