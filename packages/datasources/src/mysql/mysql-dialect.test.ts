import { expect, test } from "vitest";
import { expandSql } from "../sql/macros.ts";
import { checkStatement } from "../sql/statement-check.ts";
import { MYSQL_DIALECT } from "./mysql-dialect.ts";

const range = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 1, 1) };
const expand = (sql: string, from = range.from) =>
  expandSql({ sql, range: { ...range, from }, intervalMs: 1000, now: range.to }, MYSQL_DIALECT).sql;

test.each([
  ["$__time(t)", "UNIX_TIMESTAMP(t) as time_sec"],
  ["$__timeEpoch(t)", "UNIX_TIMESTAMP(t) as time_sec"],
  ["$__timeFilter(t)", "t BETWEEN FROM_UNIXTIME(1704067200) AND FROM_UNIXTIME(1704070800)"],
  ["$__timeFrom() $__timeTo()", "FROM_UNIXTIME(1704067200) FROM_UNIXTIME(1704070800)"],
  ['$__timeGroup(t,"5m"),', "UNIX_TIMESTAMP(t) DIV 300 * 300,"],
  ["$__timeGroupAlias(t,5m)", 'UNIX_TIMESTAMP(t) DIV 300 * 300 AS "time"'],
  ["$__timeGroup(t,500ms)", "FLOOR(UNIX_TIMESTAMP(t) / 0.5) * 0.5"],
  ["$__unixEpochFilter(e)", "e >= 1704067200 AND e <= 1704070800"],
  ["$__unixEpochFrom() $__unixEpochTo()", "1704067200 1704070800"],
  ["$__unixEpochNanoFilter(e)", "e >= 1704067200000000000 AND e <= 1704070800000000000"],
  ["$__unixEpochNanoFrom() $__unixEpochNanoTo()", "1704067200000000000 1704070800000000000"],
  ["$__unixEpochGroup(e,5m)", "e DIV 300 * 300"],
  ["$__unixEpochGroupAlias(e,5m)", 'e DIV 300 * 300 AS "time"'],
  ["$__interval $__interval_ms", "1s 1000"],
])("%s becomes %s", (sql, expected) => {
  expect(expand(sql)).toBe(expected);
});

test("a range that begins before 1970 is written as a difference", () => {
  expect(expand("$__timeFilter(t)", -5000)).toBe(
    "t BETWEEN DATE_ADD(FROM_UNIXTIME(0), INTERVAL -5 SECOND) AND FROM_UNIXTIME(1704070800)",
  );
});

test.each([
  "show  grants",
  "SELECT user()",
  "select 1, CURRENT_USER",
  "SELECT session_user() ",
  "select 1,\nsystem_user( )",
])("%j is refused, because it shows the user of the source", (sql) => {
  expect(() => checkStatement(sql, MYSQL_DIALECT)).toThrow("interpolation failed: invalid query");
});

test("columns and tables may contain the word user", () => {
  expect(() => checkStatement("SELECT user, superuser(1) FROM users", MYSQL_DIALECT)).not.toThrow();
});
