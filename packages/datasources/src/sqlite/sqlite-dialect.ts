import { QueryFailure } from "../query-failure.ts";
import type { SqlMacro } from "../sql/macros.ts";
import type { SqlDialect } from "../sql/sql-dialect.ts";

/** Groups Unix times in seconds. With NULL as third argument, rows are inserted for missing times. */
const unixEpochGroupSeconds: SqlMacro = (args, context) => {
  if (args.length < 2 || args.length > 3)
    throw new QueryFailure(400, `unsupported number of arguments (${args.length}) for unixEpochGroupSeconds`);
  const [column, written, filling] = args as [string, string, string?];
  const seconds = /^[+-]?\d{1,15}$/.test(written) ? Number(written) : 0;
  if (seconds === 0) throw new QueryFailure(400, `could not convert '${written}' to an integer grouping interval`);
  if (filling !== undefined) {
    if (filling.toLowerCase() !== "null")
      throw new QueryFailure(400, `unsupported gap filling value of: \`${filling}\``);
    if (seconds < 0) throw new QueryFailure(400, `rows cannot be inserted at an interval of ${seconds} seconds`);
    context.fill = { intervalMs: 1000 * seconds, mode: "null", value: 0 };
  }
  return `cast((${column} / ${seconds}) as int) * ${seconds}`;
};

/** The dialect of SQLite, with the macros of Grafana's SQLite plugin. */
export const SQLITE_DIALECT: SqlDialect = {
  name: "SQLite",
  timeColumns: [],
  macros: new Map([["__unixEpochGroupSeconds", unixEpochGroupSeconds]]),
  // PRAGMA is not permitted: it changes how later statements of the same connection work.
  statements: new Set(["select", "with", "values", "explain"]),
  // SQLite runs some PRAGMAs when it compiles them, so EXPLAIN does not prevent their effect.
  explained: new Set(["select", "with", "values"]),
  lineComments: ["--"],
  lineEnds: ["\n"],
  nestsComments: false,
};
