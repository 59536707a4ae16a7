import { expect, test } from "vitest";
import { promqlFormat } from "./variable-format.ts";
import { type BoundVariable, interpolate, interpolateJson, variableNamesIn, variablesIn } from "./variable-syntax.ts";

const bound = (name: string, values: readonly string[], rest: Partial<BoundVariable> = {}): BoundVariable => ({
  name,
  values,
  texts: values,
  isMulti: values.length > 1,
  isVerbatim: false,
  ...rest,
});
const variables: Readonly<Record<string, BoundVariable>> = {
  one: bound("one", ["a.b"]),
  two: bound("two", ["a.b", "c"], { texts: ["A", "C"] }),
  all: bound("all", [".*"], { isMulti: true, isVerbatim: true }),
  __from: bound("__from", ["1594671549254"], { isVerbatim: true }),
  host: bound("host", ["x"], { parts: { name: "the host" } }),
};
const lookup = (name: string): BoundVariable | undefined =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;

test.each([
  ["$one ${one} [[one]] [[one:raw]] ${host.name} ${host.other}", "a.b a.b a.b a.b the host ${host.other}"],
  [
    "$none ${none:csv} [[none]] $ ${} [[]] $__toString ${constructor}",
    "$none ${none:csv} [[none]] $ ${} [[]] $__toString ${constructor}",
  ],
  ["$two ${two:regex} ${two:pipe} ${two:csv}", String.raw`{a.b,c} (a\.b|c) a.b|c a.b,c`],
  ["${two:json} ${two:doublequote} ${two:singlequote} ${two:sqlstring}", `["a.b","c"] "a.b","c" 'a.b','c' 'a.b','c'`],
  [
    "${two:text} ${two:queryparam} ${two:percentencode} ${two:join: or }",
    "A + C var-two=a.b&var-two=c %7Ba.b%2Cc%7D a.b or c",
  ],
  ["${two:lucene} ${two:distributed} ${two:nonsense}", '("a.b" OR "c") a.b,two=c {a.b,c}'],
  [
    "${__from} ${__from:date} ${__from:date:seconds} ${__from:date:YYYY-MM}",
    "1594671549254 2020-07-13T20:19:09.254Z 1594671549 2020-07",
  ],
  ["${all} ${all:regex}", ".* .*"],
])("interpolate(%j)", (text, expected) => {
  expect(interpolate(text, lookup)).toBe(expected);
});

test("promqlFormat() escapes for a string, and for a regular expression where several may be chosen", () => {
  const values = {
    "a.b": bound("v", [String.raw`a.b\"`]),
    multi: bound("m", ["a.b", "c|d"]),
    alone: bound("s", ["a.b"], { isMulti: true }),
  };
  expect(promqlFormat(values["a.b"])).toBe(String.raw`a.b\\\"`);
  expect(promqlFormat(values.multi)).toBe(String.raw`(a\\.b|c\\|d)`);
  expect(promqlFormat(values.alone)).toBe(String.raw`a\\.b`);
});

test("variablesIn() names each use with its place", () => {
  expect(
    variablesIn("rate($a[${b.c:raw}])").map(({ name, part, format, index }) => [name, part, format, index]),
  ).toEqual([
    ["a", undefined, undefined, 5],
    ["b", "c", "raw", 8],
  ]);
  expect([...variableNamesIn({ a: ["$x", { $y: "z" }], b: 3 })].sort()).toEqual(["x", "y"]);
  const many = Array.from({ length: 300_000 }, (_, at) => (at === 299_999 ? "$last" : "text"));
  expect([...variableNamesIn([many, Object.fromEntries(many.entries())])]).toEqual(["last"]);
});

test("interpolateJson() replaces in every text and keeps what holds none", () => {
  const json = { expr: "up{a='$one'}", plain: { deep: [1, "x"] } };
  const filled = interpolateJson(json, lookup);
  expect(filled).toEqual({ expr: "up{a='a.b'}", plain: { deep: [1, "x"] } });
  expect(filled.plain).toBe(json.plain);
});

test("texts made to take long do not", () => {
  const text = "${a".repeat(200_000) + "[[a.".repeat(100_000);
  expect(interpolate(text, lookup)).toBe(text);
});
