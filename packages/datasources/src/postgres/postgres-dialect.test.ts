import { expect, test } from "vitest";
import { expandSql } from "../sql/macros.ts";
import { postgresDialect } from "./postgres-dialect.ts";

const range = { from: Date.UTC(2024, 2, 31, 0, 0, 0, 500), to: Date.UTC(2024, 2, 31, 1) };
const expand = (sql: string, hasTimescale = false) =>
  expandSql({ sql, range, intervalMs: 90_000, now: range.to }, postgresDialect(hasTimescale));

test.each([
  ["$__time(t)", 't AS "time"'],
  ["$__timeEpoch(t)", 'extract(epoch from t) as "time"'],
  ["$__timeFilter( t )", "t BETWEEN '2024-03-31T00:00:00.5Z' AND '2024-03-31T01:00:00Z'"],
  ["$__timeFrom() $__timeTo()", "'2024-03-31T00:00:00.5Z' '2024-03-31T01:00:00Z'"],
  ["$__timeGroup(t,'5m')", "floor(extract(epoch from t)/300)*300"],
  ["$__timeGroup(t, 500ms)", "floor(extract(epoch from t)/0.5)*0.5"],
  ["$__timeGroup(t,1h),", 'floor(extract(epoch from t)/3600)*3600 AS "time",'],
  ["$__timeGroup(t,1h) ,", "floor(extract(epoch from t)/3600)*3600 ,"],
  ["$__timeGroupAlias(t,1d)", 'floor(extract(epoch from t)/86400)*86400 AS "time"'],
  ["$__timeGroup(t,1M)", "floor(extract(epoch from t)/2505600)*2505600"],
  ["$__timeGroup(t,$__interval)", "floor(extract(epoch from t)/60)*60"],
  ["$__unixEpochFilter(e)", "e >= 1711843200 AND e <= 1711846800"],
  ["$__unixEpochFrom() $__unixEpochTo()", "1711843200 1711846800"],
  ["$__unixEpochNanoFilter(e)", "e >= 1711843200500000000 AND e <= 1711846800000000000"],
  ["$__unixEpochNanoFrom() $__unixEpochNanoTo()", "1711843200500000000 1711846800000000000"],
  ["$__unixEpochGroup(e,5m)", "floor((e)/300)*300"],
  ["$__unixEpochGroupAlias(e,5m)", 'floor((e)/300)*300 AS "time"'],
  ["$__interval $__interval_ms", "1m 90000"],
  ["$1 $x cost$ $(a) '$'", "$1 $x cost$ $(a) '$'"],
])("%s becomes %s", (sql, expected) => {
  expect(expand(sql).sql).toBe(expected);
});

test("with TimescaleDB, times are grouped by time_bucket", () => {
  expect(expand("$__timeGroup(t,5m)", true).sql).toBe("time_bucket('300.000s',t)");
});

test.each([
  ["NULL", { intervalMs: 300_000, mode: "null", value: 0 }],
  ["previous", { intervalMs: 300_000, mode: "previous", value: 0 }],
  ["-1.5", { intervalMs: 300_000, mode: "value", value: -1.5 }],
])("the third argument %s chooses how missing rows are filled", (text, fill) => {
  expect(expand(`$__timeGroup(t,5m,${text})`).fill).toEqual(fill);
});

test.each([
  ["$__nothing(t)", 'interpolation failed: unknown macro "__nothing"'],
  ["$__timeFilter()", "interpolation failed: missing time column argument for macro __timeFilter"],
  ["$__timeGroup(t)", "interpolation failed: macro __timeGroup needs time column and interval"],
  ["$__timeGroup(t,x)", "interpolation failed: error parsing interval x"],
  ["$__timeGroup(t,0s)", "interpolation failed: error parsing interval 0s"],
  ["$__timeGroup(t,5m,none)", "interpolation failed: error parsing fill value none; write NULL, previous or a number"],
])("%s is refused", (sql, problem) => {
  expect(() => expand(sql)).toThrow(problem);
});

test("a query that consists of unfinished macros takes little time", () => {
  const sql = "$a(".repeat(300_000);
  expect(expand(sql).sql).toBe(sql);
  expect(() => expand(" ".repeat(1024 * 1024 + 1))).toThrow("the query has more than 1048576 characters");
});
