import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseExpression } from "./parse.ts";
import { expressionToJson } from "./parse-json.ts";
import { printExpression } from "./printer.ts";

const ALL = { experimentalFunctions: true, extendedRangeSelectors: true, binopFillModifiers: true } as const;

function print(text: string): string {
  const result = parseExpression(text, ALL);
  if (!result.ok) throw new Error(`${text}: ${String(result.errors[0])}`);
  return printExpression(result.expr);
}

test.each([
  ["sum(foo) by (a,b,)", "sum by (a, b) (foo)"],
  ["sum without() (foo)", "sum without () (foo)"],
  ["sum by() (foo)", "sum(foo)"],
  ['sum by ("my.label") (foo)', 'sum by ("my.label") (foo)'],
  ['foo{b!="2",a=~"1"}', 'foo{a=~"1",b!="2"}'],
  ['{"foo.bar", "a b"="c"}', '{"a b"="c",__name__="foo.bar"}'],
  ["foo[300] @ 1.0005 offset 1h30m", "foo[5m] @ 1.001 offset 1h30m"],
  ["foo @ -1.5 offset -5m", "foo @ -1.500 offset -5m"],
  ["foo offset 5m @ end()", "foo @ end() offset 5m"],
  ["foo[5m] smoothed offset 1m", "foo[5m] smoothed offset 1m"],
  ["foo anchored @ 1", "foo @ 1.000 anchored"],
  ["foo[5m:1m] @ start()", "foo[5m:1m] @ start()"],
  ["foo[1h:]", "foo[1h:]"],
  ["a*on(b)group_left c", "a * on (b) group_left () c"],
  ["a == bool ignoring(b) c", "a == bool ignoring (b) c"],
  ["a + ignoring() c", "a + c"],
  ["a + on() fill_left(1) fill_right(-2) c", "a + on () fill_left (1) fill_right (-2) c"],
  ["a + fill(0) c", "a + fill (0) c"],
  ["foo[5m*2+step()]", "foo[5m * 2 + step()]"],
  ["foo offset (2)^2", "foo offset (2) ^ 2"],
  ["foo offset -(5m+1)", "foo offset -(5m + 1)"],
  ["foo[max_of(5m,range())]", "foo[max_of(5m, range())]"],
  ["0x1F + 1e3 + 1e-7 + Inf + 5m", "31 + 1000 + 0.0000001 + +Inf + 5m"],
  ["-1^2", "-1 ^ 2"],
  ["h </ 5", "h </ 5"],
  ['"a\\nb\\xff"', '"a\\nb\\xff"'],
  ["info(foo, {})", "info(foo, {})"],
])("printExpression() prints %j canonically", (text, canonical) => {
  expect(print(text)).toBe(canonical);
});

const oneOf = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const spaced = (text: string): fc.Arbitrary<string> => oneOf(text, ` ${text} `, `\t${text}\n`, ` ${text}#c\n`);

const duration = oneOf(
  "5m",
  "1h30m",
  "300",
  "1.5",
  "0x10",
  "step()",
  "range()",
  "(5m+1)",
  "-(-5m)",
  "min_of(1m,2m)",
  "2*step()",
);
const offset = oneOf("5m", "-5m", "1.5", "step()", "-step()", "(1m+step())", "-(5m)", "max_of(1m,2m)");
const at = oneOf("", " @ 5", " @ -1.25", " @ start()", " @ end()");
const name = oneOf("foo", "a:b", "sum", "by", "offset", "start", "fill", "anchored", "and");
const labels = oneOf("", "{}", '{a="b"}', '{z!="",a=~"x|y",}', '{"q r"!~".+"}', "{a='b'}");

const selector = fc.tuple(name, labels, at, oneOf("", " smoothed", " anchored")).map((parts) => parts.join(""));
/**
 * Random computed durations as text. Adds a literal to a text without one, because a colon may only follow a literal.
 */
const spelledOut = duration.map((text) => (/\d/.test(text) ? text : `${text} + 1s`));
const instant = fc
  .tuple(selector, fc.option(offset, { nil: undefined }))
  .map(([text, by]) => (by === undefined ? text : `(${text} offset ${by})`));
const matrix = fc
  .tuple(name, labels, duration, at)
  .map(([text, braces, range, pin]) => `${text}${braces}[${range}]${pin}`);
const scalar = oneOf("1", "-2.5", "0x1f", "(Inf)", "NaN", "5m", "time()", "1_000", "-(3)");

const { vector } = fc.letrec<{ vector: string }>((tie) => {
  const inner = tie("vector");
  const grouping = oneOf("", "by (a)", "without (a, b,)", "by ()", 'by ("x y", on)');
  const matching = oneOf(
    "",
    "on (a)",
    "ignoring (a,b)",
    "on (a) group_left (b)",
    "ignoring () group_right ()",
    "on () fill (1)",
    "fill_left(2)fill_right(-1)",
  );
  return {
    vector: fc.oneof(
      { maxDepth: 4 },
      instant,
      fc.tuple(oneOf("rate", "sum_over_time", "absent_over_time"), matrix).map(([f, m]) => `${f}(${m})`),
      fc.tuple(oneOf("sum", "avg", "SUM", "group"), grouping, inner).map(([op, by, v]) => `${op} ${by} (${v})`),
      fc.tuple(oneOf("topk", "quantile"), grouping, scalar, inner).map(([op, by, k, v]) => `${op}(${k},${v}) ${by}`),
      fc
        .tuple(inner, oneOf("+", "*", "^", "%", "atan2", "> bool", "==", "</"), matching, inner)
        .chain(([l, op, how, r]) => spaced(`${op} ${how}`).map((text) => `${l} ${text} ${r}`)),
      fc
        .tuple(inner, oneOf("and", "or", "unless"), oneOf("", "on (a)", "ignoring ()"), inner)
        .map((parts) => parts.join(" ")),
      fc.tuple(scalar, oneOf("+", "-", "^", "<"), inner).map((parts) => `(${parts.join(" ")})`),
      fc.tuple(oneOf("-", "+", "- -"), inner).map((parts) => parts.join("")),
      fc
        .tuple(inner, spelledOut, duration, at)
        .map(([v, range, step, pin]) => `max_over_time((${v})[${range}:${step}]${pin})`),
      inner.map((v) => `(${v})`),
      inner.map((v) => `label_replace(${v}, "d\\n", 'r"', \`s\\\`, "(.*)")`),
    ),
  };
});

/** Parses a query to JSON for a comparison. Sorts the matchers, because printing also sorts them. */
const shape = (text: string): unknown => {
  const result = parseExpression(text, ALL);
  if (!result.ok) throw new Error(`${text}: ${String(result.errors[0])}`);
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const list = value.map(sorted);
      return list.some((one) => typeof one === "object" && one !== null && "value" in one)
        ? list.map((one) => JSON.stringify(one)).sort()
        : list;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sorted(one)]));
  };
  return sorted(expressionToJson(result.expr));
};

test("printing an expression and parsing it again gives the same tree and the same text", () => {
  fc.assert(
    fc.property(vector, (text) => {
      const printed = print(text);
      expect(print(printed)).toBe(printed);
      expect(shape(printed)).toEqual(shape(text));
    }),
    { numRuns: 1000 },
  );
});
