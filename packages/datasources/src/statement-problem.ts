import type { JsonObject } from "@narthex/dashboards";
import { CLICKHOUSE_DIALECT } from "./clickhouse/clickhouse-dialect.ts";
import { isExpression } from "./expressions/evaluate-expressions.ts";
import { tableNames } from "./expressions/sql/table-names.ts";
import { toSqlite } from "./expressions/sql/to-sqlite.ts";
import { checkReadOnly } from "./influxdb/influxql/read-only.ts";
import { flagAt, textAt } from "./json-values.ts";
import { logqlProblem } from "./loki/logql/check-logql.ts";
import { MYSQL_DIALECT } from "./mysql/mysql-dialect.ts";
import { postgresDialect } from "./postgres/postgres-dialect.ts";
import { QueryFailure } from "./query-failure.ts";
import { dataSourceKind } from "./registry.ts";
import { expandSql } from "./sql/macros.ts";
import type { SqlDialect } from "./sql/sql-dialect.ts";
import { checkStatement } from "./sql/statement-check.ts";
import { SQLITE_DIALECT } from "./sqlite/sqlite-dialect.ts";

/** A mistake in the statement of a query. */
export interface StatementProblem {
  readonly message: string;
  /** Property of the query that contains the statement. */
  readonly property: string;
}

/** A language: the property with the statement, and a function that throws QueryFailure for a mistake in it. */
interface CheckedLanguage {
  readonly property: string;
  /** Whether `check` understands variables. Without it, `check` receives texts in which values replace them. */
  readonly readsVariables?: boolean;
  check(text: string, query: JsonObject, refIds: readonly string[]): void;
}

const HOUR_MS = 3_600_000;

const sqlOf = (dialect: SqlDialect, property = "rawSql"): CheckedLanguage => ({
  property,
  check(text) {
    const context = { range: { from: 0, to: HOUR_MS }, intervalMs: 15_000, now: HOUR_MS };
    // The page replaces this macro.
    const { sql } = expandSql({ ...context, sql: text.replaceAll("$__conditionalAll(", "(") }, dialect);
    checkStatement(sql, dialect);
  },
});

const LANGUAGES: ReadonlyMap<string, CheckedLanguage> = new Map<string, CheckedLanguage>([
  ["grafana-postgresql-datasource", sqlOf(postgresDialect(true))],
  ["mysql", sqlOf(MYSQL_DIALECT)],
  ["grafana-clickhouse-datasource", sqlOf(CLICKHOUSE_DIALECT)],
  ["frser-sqlite-datasource", sqlOf(SQLITE_DIALECT, "rawQueryText")],
  [
    "loki",
    {
      property: "expr",
      readsVariables: true,
      check(text) {
        const problem = logqlProblem(text);
        if (problem !== undefined) throw new QueryFailure(400, problem);
      },
    },
  ],
  [
    "influxdb",
    {
      property: "query",
      check(text, query) {
        // Other texts are in Flux, or belong to the query builder.
        if (flagAt(query, "rawQuery") === true && !text.includes("|>")) checkReadOnly(text);
      },
    },
  ],
]);

const SQL_EXPRESSION: CheckedLanguage = {
  property: "expression",
  check(text, query, refIds) {
    if (textAt(query, "type") !== "sql") return;
    toSqlite(text);
    const known = new Set(refIds.map((refId) => refId.toLowerCase()));
    for (const table of tableNames(text))
      if (!known.has(table.toLowerCase()))
        throw new QueryFailure(
          400,
          `the panel has no query ${table}; a table is the name of another query: ${refIds.join(", ")}`,
        );
  },
};

/** A use of a variable. Names with two underscores and no braces are macros. */
const VARIABLE = /\$\{[^}]{1,500}\}|\$(?!__)[A-Za-z_]\w{0,200}|\[\[\w{1,200}(?::\w{1,50})?\]\]/g;

/** Replacements for variables, whose values are not known: a name, a number and a duration. */
const STAND_INS = ["variable", "1", "5m"] as const;

/**
 * Returns the mistake in the statement of a query, as far as it can be found without the database: an unknown macro, a
 * statement that does not read, a text without an end, a table that is no query. A mistake must remain
 * whether variables are names, numbers or durations.
 * @param type type of the data source, or a name of expressions
 * @param refIds refIds of the other queries of the panel
 */
export function statementProblem(
  type: string,
  query: JsonObject,
  refIds: readonly string[],
): StatementProblem | undefined {
  const language = isExpression(type) ? SQL_EXPRESSION : LANGUAGES.get(dataSourceKind(type)?.types[0] ?? "");
  if (language === undefined) return undefined;
  const text = textAt(query, language.property);
  if (text.trim() === "") return undefined;
  if (language.readsVariables === true) {
    const message = mistakeIn(text, query, refIds, language);
    return message === undefined ? undefined : { message, property: language.property };
  }
  let message: string | undefined;
  for (const value of STAND_INS) {
    const problem = mistakeIn(text.replaceAll(VARIABLE, value), query, refIds, language);
    if (problem === undefined) return undefined;
    message ??= problem;
  }
  return { message: message!, property: language.property };
}

function mistakeIn(
  text: string,
  query: JsonObject,
  refIds: readonly string[],
  language: CheckedLanguage,
): string | undefined {
  try {
    language.check(text, query, refIds);
    return undefined;
  } catch (error) {
    if (error instanceof QueryFailure) return error.message;
    throw error;
  }
}
