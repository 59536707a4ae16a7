import { columnOf, groupingOf, type SqlMacro, UNIX_MACROS, unixSeconds, withAlias } from "../sql/macros.ts";
import type { SqlDialect } from "../sql/sql-dialect.ts";

const time: SqlMacro = (args, _context, name) => `UNIX_TIMESTAMP(${columnOf(args, name)}) as time_sec`;

const timeGroup: SqlMacro = (args, context, name) => {
  const { column, seconds } = groupingOf(args, context, name);
  // DIV would round the quotient of a fraction of a second to a null or to another interval.
  if (!Number.isInteger(seconds)) return `FLOOR(UNIX_TIMESTAMP(${column}) / ${seconds}) * ${seconds}`;
  return `UNIX_TIMESTAMP(${column}) DIV ${seconds} * ${seconds}`;
};

const unixGroup: SqlMacro = (args, context, name) => {
  const { column, seconds } = groupingOf(args, context, name);
  return `${column} DIV ${seconds} * ${seconds}`;
};

const timeFilter: SqlMacro = (args, { range }, name) => {
  const column = columnOf(args, name);
  const [from, to] = [unixSeconds(range.from), unixSeconds(range.to)];
  // FROM_UNIXTIME() returns null for times before 1970.
  const begin = from < 0 ? `DATE_ADD(FROM_UNIXTIME(0), INTERVAL ${from} SECOND)` : `FROM_UNIXTIME(${from})`;
  return `${column} BETWEEN ${begin} AND FROM_UNIXTIME(${to})`;
};

/** Matches statements and functions that reveal the permissions and the address of the source's database user. */
const ABOUT_USER: readonly RegExp[] = [
  /\bshow\s+grants\b/i,
  /[\s,](?:session_user|system_user|user|current_user)\(/i,
  /[\s,]current_user(?:[\s,;]|$)/i,
];

/**
 * Reports whether a query may write a file of the database server. Comments between the words are taken into account.
 */
function writesFile(sql: string): boolean {
  const text = sql.toLowerCase();
  return text.includes("into") && (text.includes("outfile") || text.includes("dumpfile"));
}

/** The dialect of MySQL and MariaDB. */
export const MYSQL_DIALECT: SqlDialect = {
  name: "MySQL",
  timeColumns: ["time", "time_sec"],
  macros: new Map<string, SqlMacro>([
    ["__time", time],
    ["__timeEpoch", time],
    ["__timeFilter", timeFilter],
    ["__timeFrom", (_args, { range }) => `FROM_UNIXTIME(${unixSeconds(range.from)})`],
    ["__timeTo", (_args, { range }) => `FROM_UNIXTIME(${unixSeconds(range.to)})`],
    ["__timeGroup", timeGroup],
    ["__timeGroupAlias", withAlias(timeGroup)],
    ["__unixEpochGroup", unixGroup],
    ["__unixEpochGroupAlias", withAlias(unixGroup)],
    ...UNIX_MACROS,
  ]),
  statements: new Set(["select", "with", "values", "table", "show", "describe", "desc", "explain"]),
  lineComments: ["-- ", "--\t", "--\n", "#"],
  lineEnds: ["\n"],
  nestsComments: false,
  refusal(sql) {
    if (ABOUT_USER.some((pattern) => pattern.test(sql)))
      return "interpolation failed: invalid query - SHOW GRANTS, user(), session_user(), system_user() and current_user are not allowed";
    return writesFile(sql)
      ? "db query error: a data source does not write files: remove INTO OUTFILE or INTO DUMPFILE"
      : undefined;
  },
};
