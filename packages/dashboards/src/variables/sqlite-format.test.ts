import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sqliteFormat } from "./sqlite-format.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

const filled = (text: string, ...values: readonly string[]): string => {
  const lookup: Lookup = (name) => ({ name, values, texts: values, isMulti: values.length > 1, isVerbatim: false });
  return interpolate(text, lookup, sqliteFormat);
};

test.each([
  ["SELECT '$x'", ["it's"], "SELECT 'it''s'"],
  ["SELECT 'a''$x'", ["it's"], "SELECT 'a''it''s'"],
  ['SELECT "$x"', [`a"b'c`], `SELECT "a""b'c"`],
  ["SELECT `$x`", ["a`b"], "SELECT `a``b`"],
  ["SELECT [$x]", ["a] b"], "SELECT [a  b]"],
  ["SELECT 1 -- it's $x\nFROM '$x'", ["a'\nb"], "SELECT 1 -- it's a' b\nFROM 'a''\nb'"],
  ["SELECT /* $x */ 1", ["*/ 2 /*"], "SELECT /*   2 /* */ 1"],
  ["SELECT $x FROM $x", ["max(n) AS 'm'"], "SELECT max(n) AS 'm' FROM max(n) AS 'm'"],
  ["WHERE host IN (${x:sqlstring})", ["a'", "b"], "WHERE host IN ('a''','b')"],
  ["WHERE host = '$x'", ["a'", "b"], "WHERE host = '{a'',b}'"],
])("in %j the values %j stay in their literal, name or comment", (text, values, expected) => {
  expect(filled(text, ...values)).toBe(expected);
});

test("SQLite reads any value in quotes as this value", () => {
  const database = new DatabaseSync(":memory:");
  const text = fc.string({
    unit: fc.constantFrom("'", "''", '"', "\\", "--", "/*", "*/", "]", "`", ";", "\n", "é", "x"),
  });
  fc.assert(
    fc.property(text, (value) => {
      const sql = filled(`SELECT '$x' AS a, 1 AS b -- $x\n, "n" FROM (SELECT 2 AS n) /* $x */`, value);
      expect(database.prepare(sql).get()).toEqual({ a: value, b: 1, n: 2 });
    }),
  );
  database.close();
});
