import { expect, test } from "vitest";
import { promqlFormat } from "./promql-format.ts";
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

const promql: Readonly<Record<string, BoundVariable>> = {
  matcher: bound("matcher", ['job="node"']),
  piece: bound("piece", [String.raw`label_replace(up, "a", "\$1", "b", "(.*)")`]),
  path: bound("path", [String.raw`C:\it's "x"`]),
  lines: bound("lines", ["a\nb"]),
  several: bound("several", ["a.b", `c'd"`]),
  chosen: bound("chosen", ["node_load1"], { isMulti: true }),
  dotted: bound("dotted", ["a.b"], { isMulti: true }),
};
const inPromql = (text: string): string => interpolate(text, (name) => promql[name], promqlFormat);

test.each([
  ["a matcher stands as it is among the matchers", "up{$matcher}", 'up{job="node"}'],
  ["so does a piece of a query", "sum($piece)", String.raw`sum(label_replace(up, "a", "\$1", "b", "(.*)"))`],
  ["a metric of which several may be chosen does", "rate($chosen[5m])", "rate(node_load1[5m])"],
  ["in double quotes they are escaped, apostrophes are not", 'up{p="$path"}', String.raw`up{p="C:\\it's \"x\""}`],
  ["in single quotes it is the other way round", "up{p='$path'}", String.raw`up{p='C:\\it\'s "x"'}`],
  ["in backticks nothing is escaped", "up{p=`$path`}", String.raw`up{p=` + "`" + String.raw`C:\it's "x"` + "`}"],
  ["a line break does not end a string", 'up{p="$lines"}', String.raw`up{p="a\nb"}`],
  ["several are a regular expression, in double quotes", 'up{a=~"$several"}', String.raw`up{a=~"(a\\.b|c\\'d\")"}`],
  ["in single quotes", "up{a=~'$several'}", String.raw`up{a=~'(a\\.b|c\\\'d")'}`],
  ["and in backticks", "up{a=~`$several`}", "up{a=~`(a" + String.raw`\.b|c\'d")` + "`}"],
  ["one of several is one, too", 'up{a=~"$dotted"}', String.raw`up{a=~"a\\.b"}`],
  [
    "a quote within a string of the other kind ends nothing",
    `up{a="it's $path"}`,
    String.raw`up{a="it's C:\\it's \"x\""}`,
  ],
  ["nor does one that is escaped", String.raw`up{a="\" $path"}`, String.raw`up{a="\" C:\\it's \"x\""}`],
  ["a string ends", 'a{b="c"} + up{$matcher}', 'a{b="c"} + up{job="node"}'],
  ["a quote in a comment begins none", "# it's\nup{$matcher}", '# it\'s\nup{job="node"}'],
  [
    "a format of its own is taken as it is written",
    "up{$matcher,p=~'${several:pipe}'}",
    `up{job="node",p=~'a.b|c'd"'}`,
  ],
])("variables in PromQL: %s", (_, text, expected) => {
  expect(inPromql(text)).toBe(expected);
});

test("queries of variables are formatted in the same way as PromQL expressions", () => {
  const query = { query: "label_values(up{$matcher, a=~'$dotted'}, instance)", refId: "A" };
  expect(interpolateJson(query, (name) => promql[name], promqlFormat)).toEqual({
    query: String.raw`label_values(up{job="node", a=~'a\\.b'}, instance)`,
    refId: "A",
  });
});

test("variablesIn() returns each variable in a text with its position", () => {
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

test("interpolateJson() replaces variables in every text and keeps objects without variables", () => {
  const json = { expr: "up{a='$one'}", plain: { deep: [1, "x"] } };
  const filled = interpolateJson(json, lookup);
  expect(filled).toEqual({ expr: "up{a='a.b'}", plain: { deep: [1, "x"] } });
  expect(filled.plain).toBe(json.plain);
});

test("searching a hostile text for variables takes linear time", () => {
  const quotes = '"$a" '.repeat(100_000);
  expect(interpolate(quotes, () => undefined, promqlFormat)).toBe(quotes);
  const text = "${a".repeat(200_000) + "[[a.".repeat(100_000);
  expect(interpolate(text, lookup)).toBe(text);
});
