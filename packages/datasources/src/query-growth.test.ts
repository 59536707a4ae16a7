import { expect, test } from "vitest";
import { replaceMacros } from "./query-growth.ts";
import { expandSql } from "./sql/macros.ts";
import type { SqlDialect } from "./sql/sql-dialect.ts";

test("macros are replaced as by replaceAll, up to a number of characters", () => {
  expect(replaceMacros("a $x b $y", /\$(\w)/g, (macro, name) => `${name}${macro.length}`)).toBe("a x2 b y2");
  expect(() => replaceMacros("$x".repeat(50_000), /\$x/g, () => "y".repeat(100))).toThrow("write fewer macros");
});

test("the macros of SQL cannot make a statement of many megabytes", () => {
  const dialect: SqlDialect = {
    name: "test",
    timeColumns: [],
    macros: new Map([["__many", ([text = ""]) => text.repeat(1000)]]),
    statements: new Set(["select"]),
    lineComments: ["--"],
    lineEnds: ["\n"],
    nestsComments: false,
  };
  const query = { range: { from: 0, to: 1 }, intervalMs: 1000, now: 0 };
  expect(expandSql({ ...query, sql: "$__many(x)" }, dialect).sql).toHaveLength(1000);
  expect(() => expandSql({ ...query, sql: `$__many(${"x".repeat(5000)})` }, dialect)).toThrow("write fewer macros");
});
