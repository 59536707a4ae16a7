import { expect, test } from "vitest";
import { MYSQL_DIALECT } from "../mysql/mysql-dialect.ts";
import { postgresDialect } from "../postgres/postgres-dialect.ts";
import { checkStatement } from "./statement-check.ts";

const POSTGRES = postgresDialect(false);

test.each([
  "SELECT 1",
  " \n\t( (select 1))",
  "-- comment\nWITH x AS (SELECT 1) SELECT * FROM x",
  "/* a */ /* b */ values (1)",
  "explain select 1",
  "-- only a comment",
  "",
])("%j may be sent", (sql) => {
  expect(() => checkStatement(sql, POSTGRES)).not.toThrow();
  expect(() => checkStatement(sql, MYSQL_DIALECT)).not.toThrow();
});

test.each([
  "SET default_transaction_read_only = off",
  "COMMIT",
  "DO $$ BEGIN END $$",
  "COPY t TO PROGRAM 'x'",
  "/* a */ drop table t",
  "-- a\ninsert into t values (1)",
  "begin not atomic select 1; end",
  "execute immediate 'select 1'",
  "é",
  "/*! SELECT 1 */",
  "/*M! SELECT 1 */",
  ";SELECT 1",
  "(",
  "/* not ended",
  "SELECT_X",
  "select1",
  "\u00a0SELECT 1",
  "--\u0001\nCOMMIT",
])("%j is refused, because it does not begin like a statement that reads", (sql) => {
  for (const dialect of [POSTGRES, MYSQL_DIALECT])
    expect(() => checkStatement(sql, dialect)).toThrow("a data source only sends statements that read");
});

test("comments end where the database ends them", () => {
  expect(() => checkStatement("/* /* */ DROP TABLE t -- */ SELECT 1", MYSQL_DIALECT)).toThrow('"DROP"');
  expect(() => checkStatement("/* /* */ DROP TABLE t */ SELECT 1", POSTGRES)).not.toThrow();
  expect(() => checkStatement("/* /* */ */ DROP TABLE t", POSTGRES)).toThrow('"DROP"');
  expect(() => checkStatement("# SELECT\nDROP TABLE t", MYSQL_DIALECT)).toThrow('"DROP"');
  expect(() => checkStatement("--1 SELECT", MYSQL_DIALECT)).toThrow('"-"');
});

test("a carriage return ends a line comment of PostgreSQL, but none of MySQL", () => {
  for (const sql of ["--\rCOMMIT", "-- SELECT\rCOPY (SELECT 1) TO STDOUT", "--\r\nCOMMIT"])
    for (const dialect of [POSTGRES, MYSQL_DIALECT]) {
      if (dialect === MYSQL_DIALECT && sql.startsWith("-- ")) continue;
      expect(() => checkStatement(sql, dialect)).toThrow("a data source only sends statements that read");
    }
  expect(() => checkStatement("--\rSELECT 1", POSTGRES)).not.toThrow();
  expect(() => checkStatement("-- x\rSELECT\nCOMMIT", MYSQL_DIALECT)).toThrow('"COMMIT"');
});

test("a text with a NUL character is refused, because a server would read only a part", () => {
  for (const dialect of [POSTGRES, MYSQL_DIALECT])
    expect(() => checkStatement("SELECT 1\0", dialect)).toThrow("NUL character");
});

test.each(["CALL p()", "ANALYZE DELETE FROM t", "ANALYZE TABLE t"])("%s is refused for MySQL", (sql) => {
  expect(() => checkStatement(sql, MYSQL_DIALECT)).toThrow("a data source only sends statements that read");
});

test.each([
  "SELECT 1 INTO OUTFILE '/tmp/x'",
  "select 1 into/**/dumpfile '/tmp/x'",
  "SELECT 1 /*!50000INTO*/ -- a\nOUTFILE '/tmp/x'",
])("%j is refused for MySQL, because it writes a file of the server", (sql) => {
  expect(() => checkStatement(sql, MYSQL_DIALECT)).toThrow("does not write files");
});

/**
 * Matches the text that PostgreSQL's lexer skips before the first word: white space, comments and opening parentheses.
 */
const SKIPPED = /^(?:[ \t\n\r\f\v(]|--[^\n\r]*)/;
const NAME = /^[A-Za-z\u0080-\uffff_][\w$\u0080-\uffff]*/;

/** Returns the first word as PostgreSQL's lexer finds it; undefined without one. */
function wordOfPostgres(sql: string): string | undefined {
  let rest = sql;
  for (;;) {
    if (rest.startsWith("/*")) {
      let depth = 0;
      let at = 0;
      do {
        const pair = rest.slice(at, at + 2);
        if (pair === "/*") depth++;
        if (pair === "*/") depth--;
        at += pair === "/*" || pair === "*/" ? 2 : 1;
      } while (depth > 0 && at < rest.length);
      if (depth > 0) return undefined;
      rest = rest.slice(at);
    } else {
      const skipped = SKIPPED.exec(rest)?.[0];
      if (skipped === undefined) return NAME.exec(rest)?.[0];
      rest = rest.slice(skipped.length);
    }
  }
}

test("no text passes whose first word for PostgreSQL is not one of the permitted words", () => {
  const pieces = [
    "--",
    "/*",
    "*/",
    "\r",
    "\n",
    " ",
    "(",
    "/",
    "*",
    "-",
    "select",
    "commit",
    "copy x",
    "\u00a0",
    "\v",
    "'",
    "1",
  ];
  let state = 1;
  const below = (count: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % count;
  };
  let passed = 0;
  for (let i = 0; i < 30_000; i++) {
    const sql = Array.from({ length: 1 + below(9) }, () => pieces[below(pieces.length)]!).join("");
    try {
      checkStatement(sql, POSTGRES);
    } catch {
      continue;
    }
    passed++;
    const word = wordOfPostgres(sql);
    if (word !== undefined && !POSTGRES.statements.has(word)) throw new Error(`${JSON.stringify(sql)} passes`);
  }
  expect(passed).toBeGreaterThan(1000);
});
