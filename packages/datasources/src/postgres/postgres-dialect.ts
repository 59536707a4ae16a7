import { columnOf, groupingOf, rfc3339, type SqlMacro, UNIX_MACROS, withAlias } from "../sql/macros.ts";
import type { SqlDialect } from "../sql/sql-dialect.ts";

const timeGroup: SqlMacro = (args, context, name) => {
  const { column, seconds } = groupingOf(args, context, name);
  return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
};

const timeBucket: SqlMacro = (args, context, name) => {
  const { column, seconds } = groupingOf(args, context, name);
  return `time_bucket('${seconds.toFixed(3)}s',${column})`;
};

const unixGroup: SqlMacro = (args, context, name) => {
  const { column, seconds } = groupingOf(args, context, name);
  return `floor((${column})/${seconds})*${seconds}`;
};

const macrosWith = (group: SqlMacro): ReadonlyMap<string, SqlMacro> =>
  new Map<string, SqlMacro>([
    ["__time", (args, _context, name) => `${columnOf(args, name)} AS "time"`],
    ["__timeEpoch", (args, _context, name) => `extract(epoch from ${columnOf(args, name)}) as "time"`],
    [
      "__timeFilter",
      (args, { range }, name) => `${columnOf(args, name)} BETWEEN '${rfc3339(range.from)}' AND '${rfc3339(range.to)}'`,
    ],
    ["__timeFrom", (_args, { range }) => `'${rfc3339(range.from)}'`],
    ["__timeTo", (_args, { range }) => `'${rfc3339(range.to)}'`],
    ["__timeGroup", group],
    ["__timeGroupAlias", withAlias(group)],
    ["__unixEpochGroup", unixGroup],
    ["__unixEpochGroupAlias", withAlias(unixGroup)],
    ...UNIX_MACROS,
  ]);

/** Returns the dialect of PostgreSQL. With TimescaleDB, times are grouped by its function `time_bucket`. */
export const postgresDialect = (hasTimescale: boolean): SqlDialect => ({
  name: "PostgreSQL",
  timeColumns: ["time"],
  macros: macrosWith(hasTimescale ? timeBucket : timeGroup),
  // If a comma follows the macro, as in old dashboards, the macro must also name the column.
  aliasOf: (name, next) => (name === "__timeGroup" && next === "," ? "__timeGroupAlias" : name),
  statements: new Set(["select", "with", "values", "table", "show", "explain", "call"]),
  lineComments: ["--"],
  lineEnds: ["\n", "\r"],
  nestsComments: true,
});
