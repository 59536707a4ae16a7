import { mysqlLiteral, sqlLiteral } from "./sql-literal.ts";
import type { Formatter, PlacedFormat } from "./variable-format.ts";

/**
 * Formats values of variables for SQL, as Grafana does. A variable that allows several values becomes a list of string
 * literals. A single value gets no quotes, because queries contain them: `'$name'`.
 *
 * @param literal returns a text as a string literal in single quotes
 */
const sqlFormatter =
  (literal: (text: string) => string): Formatter =>
  ({ values, isMulti }) =>
    values.map((value) => (isMulti ? literal(value) : literal(value).slice(1, -1))).join(",");

export const sqlFormat: Formatter = sqlFormatter(sqlLiteral);

/**
 * Format for MySQL and MariaDB. It also replaces the format `sqlstring`, which does not escape backslashes: a value
 * that ends with a backslash could otherwise extend beyond its literal.
 */
export const mysqlFormat: PlacedFormat = {
  in: () => () => sqlFormatter(mysqlLiteral),
  named: { sqlstring: ({ values }) => values.map(mysqlLiteral).join(",") },
};
