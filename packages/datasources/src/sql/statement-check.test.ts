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
