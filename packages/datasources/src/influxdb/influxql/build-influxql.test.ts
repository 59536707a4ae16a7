import { influxqlTokens } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fillMacros, influxqlOf } from "./build-influxql.ts";
import { readInfluxqlTarget } from "./influxql-target.ts";
import { checkReadOnly } from "./read-only.ts";

const RANGE = { range: { from: 1000, to: 61_000 }, intervalMs: 15_000 };
const TIME = "time >= 1000ms and time <= 61000ms";

const built = (target: Readonly<Record<string, unknown>>): string => influxqlOf(readInfluxqlTarget(target), RANGE);

const field = (name: string): unknown => ({ type: "field", params: [name] });

test("a target of the query builder becomes the text that Grafana's server writes", () => {
  const target = {
    measurement: "cpu",
    policy: "year",
    select: [
      [
        field("usage"),
        { type: "mean", params: [] },
        { type: "math", params: ["* 8"] },
        { type: "alias", params: ["x"] },
      ],
      [field("n::field"), { type: "percentile", params: ["95"] }],
      [field("*"), { type: "top", params: [3] }],
    ],
    tags: [
      { key: "host", operator: "=~", value: "/^(a|b)$/" },
      { key: "dc::tag", operator: "=", value: "it's", condition: "OR" },
      { key: "n", operator: ">", value: "5", condition: "AND" },
      { key: "ok", operator: "Is Not", value: "TRUE" },
    ],
    groupBy: [
      { type: "time", params: ["auto"] },
      { type: "tag", params: ["host"] },
      { type: "fill", params: ["previous"] },
    ],
    orderByTime: "DESC",
    limit: 5,
    slimit: "2",
    tz: "Europe/Berlin",
  };
  expect(built(target)).toBe(
    `SELECT mean("usage") * 8 AS "x", percentile("n"::field, 95), top(*, 3) FROM "year"."cpu" ` +
      String.raw`WHERE ("host" =~ /^(a|b)$/ OR "dc"::tag = 'it\'s' AND "n" > 5 AND "ok" != true) AND ${TIME} ` +
      `GROUP BY time(15s), "host" fill(previous) ORDER BY time DESC limit 5 slimit 2 tz('Europe/Berlin')`,
  );
});

test("absent properties have the defaults of Grafana's editor", () => {
  expect(built({ measurement: "/^cpu/", policy: "default" })).toBe(
    `SELECT mean("value") FROM /^cpu/ WHERE ${TIME} GROUP BY time(15s) fill(null)`,
  );
  expect(
    built({
      measurement: "m",
      groupBy: [],
      tags: [
        { key: "a", value: "/x/" },
        { key: "b", value: "y" },
      ],
    }),
  ).toBe(`SELECT mean("value") FROM "m" WHERE ("a" =~ /x/ AND "b" = 'y') AND ${TIME}`);
});

test("macros are replaced in raw queries", () => {
  expect(built({ rawQuery: true, query: "a $timeFilter b $__interval c $__interval_ms d $interval" })).toBe(
    `a ${TIME} b 15s c 15000 d 15s`,
  );
});

test("ad hoc filters are conditions of a target", () => {
  const adhocFilters = [
    { key: "host", operator: "=", value: "a" },
    { key: "dc", operator: "=|", value: "", values: ["x.y", "z/"] },
    { key: "os", operator: "!~", value: "win/" },
  ];
  expect(built({ measurement: "m", groupBy: [], adhocFilters })).toBe(
    String.raw`SELECT mean("value") FROM "m" WHERE "host" = 'a' AND "dc" =~ /^(x\.y|z\/)$/ AND "os" !~ /win\// AND ${TIME}`,
  );
});

test.each([
  [{ limit: "5; DROP" }, 'the query has the limit "5; DROP"; write a number'],
  [{ orderByTime: "DESC, x" }, 'the query has the order "DESC, x"'],
  [{ select: [[field("a"), { type: "math", params: ["* 8 -- "] }]] }, "the query has the math"],
  [{ select: [[field("a"), { type: "math", params: ['"open'] }]] }, "the query has the math"],
  [{ select: [[field("a"), { type: "magic", params: [] }]] }, 'the query has the function "magic"'],
  [{ select: [[field("a"), { type: "percentile", params: ["95) FROM x"] }]] }, "the query has the parameter"],
  [{ groupBy: [{ type: "x", params: [] }] }, 'the query has the grouping "x"'],
  [{ tags: [{ key: "a", operator: "= 1 OR b =", value: "1" }] }, 'operator "= 1 OR b =" is not one of'],
  [
    {
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "1", condition: "OR 1=1 OR" },
      ],
    },
    "write AND or OR",
  ],
])("the target %j is refused", (target, problem) => {
  expect(() => built({ measurement: "m", ...target })).toThrow(problem);
});

const hostile = fc.string({
  unit: fc.constantFrom("'", '"', "\\", "/", "\n", "\r", ";", "-", "a", "^", "$", " ", "é"),
});
const kindsOf = (text: string): string => [...influxqlTokens(text)].map(({ kind }) => kind).join();

test("no value leaves its place in the text", () => {
  const target = (value: string, regex: string): Readonly<Record<string, unknown>> => ({
    measurement: value,
    policy: `p${value}`,
    select: [[field(value), { type: "alias", params: [value] }]],
    tags: [
      { key: value, operator: "=", value },
      { key: "b", operator: "=~", value: regex },
      { key: "c", operator: "Is", value: `x${value}` },
      { key: "d", operator: "<", value: `x${value}` },
    ],
    groupBy: [{ type: "tag", params: [value] }],
    tz: value,
  });
  const expected = kindsOf(built(target("a", "/a/")));
  fc.assert(
    fc.property(hostile, (value) => {
      const text = built(target(`m${value}`, value));
      expect(kindsOf(text)).toBe(expected);
      expect(() => checkReadOnly(text)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["SELECT a FROM b", undefined],
  ["-- note\nselect a FROM b; SHOW MEASUREMENTS;", undefined],
  ["EXPLAIN SELECT a FROM b", undefined],
  ["SELECT \"into\" FROM b WHERE c = '; DROP DATABASE x'", undefined],
  ["SELECT a FROM b WHERE c =~ /; DROP x/", undefined],
  ["DROP DATABASE x", 'begins with "DROP"'],
  ["SELECT a FROM b; DROP DATABASE x", 'begins with "DROP"'],
  ["SELECT a FROM b WHERE c = 1 / 2; DELETE FROM x WHERE d = 3 / 4", 'begins with "DELETE"'],
  [String.raw`SELECT a FROM b WHERE c =~ /x\\/ AND d =~ /; DROP DATABASE x /`, 'begins with "DROP"'],
  ["/* SELECT */ KILL QUERY 5", 'begins with "KILL"'],
  ["SELECT a INTO c FROM b", "writes with INTO"],
  ["EXPLAIN ANALYZE SELECT a /* x */ into c FROM b", "writes with INTO"],
])("the query %j is checked", (text, problem) => {
  if (problem === undefined) checkReadOnly(text);
  else expect(() => checkReadOnly(text)).toThrow(problem);
});

test("the math of a column cannot begin another clause, but may name a field with such a name", () => {
  const select = (math: string) => [[field("a"), { type: "math", params: [math] }]];
  for (const math of ["* 8 FROM other", "* 1 into x", "+ 1) WHERE (1"])
    expect(() => built({ measurement: "m", select: select(math) })).toThrow("the query has the math");
  expect(built({ measurement: "m", select: select('/ "from"') })).toContain('SELECT "a" / "from" FROM "m"');
});

test("macros cannot make a query of many megabytes", () => {
  const filters = ["x".repeat(10_000)];
  expect(fillMacros("$timeFilter ".repeat(100), RANGE, filters)).toHaveLength(100 * (TIME.length + 5 + 10_000 + 1));
  expect(() => fillMacros("$timeFilter ".repeat(1000), RANGE, filters)).toThrow("write more than 4194304 characters");
});
