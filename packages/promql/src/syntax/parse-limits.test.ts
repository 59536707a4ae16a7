import { expect, test } from "vitest";
import { prettyPrint } from "./pretty.ts";
import { printExpression } from "./printer.ts";
import { expressionToJson } from "./parse-json.ts";
import { parseExpression, parseMetric, parseSelector, parseSelectors } from "./parse.ts";

const nest = (open: string, inner: string, close: string, levels: number): string =>
  open.repeat(levels) + inner + close.repeat(levels);

/** Makes a query for each kind of nesting, with `levels` levels. */
const NESTINGS: Record<string, (levels: number) => string> = {
  parentheses: (levels) => nest("(", "x", ")", levels),
  aggregations: (levels) => nest("topk(1,", "x", ")", levels),
  calls: (levels) => nest("abs(", "x", ")", levels),
  signs: (levels) => nest("-", "x", "", levels),
  "left operands": (levels) => `x${"+x".repeat(levels)}`,
  "right operands": (levels) => nest("x^", "x", "", levels),
  subqueries: (levels) => nest("max_over_time(", "x", "[5m:1m])", Math.floor(levels / 2)),
  "parentheses of a duration": (levels) => `x[${nest("(", "5", ")", levels)}]`,
  "signs of a duration": (levels) => `x[${nest("-", "5", "", levels)}]`,
  "operands of a duration": (levels) => `x[5${"+5".repeat(levels)}]`,
  "calls in a duration": (levels) => `x[${nest("min_of(1,", "5", ")", levels / 2)}]`,
};

const messageOf = (text: string): string => {
  const result = parseExpression(text);
  return result.ok ? "" : result.errors[0].message;
};

test.each(Object.keys(NESTINGS))("%s nested 50,000 levels deep are rejected with a message", (name) => {
  expect(messageOf(NESTINGS[name]!(50_000))).toBe("expression is nested more than 1000 levels deep, split it up");
});

test.each(Object.keys(NESTINGS))("%s nested 990 levels deep are parsed and printed", (name) => {
  const result = parseExpression(NESTINGS[name]!(name === "signs of a duration" ? 900 : 990));
  if (!result.ok) throw new Error(result.errors[0].toString());
  expect(parseExpression(printExpression(result.expr)).ok).toBe(true);
  expect(prettyPrint(result.expr)).toMatch(/^[^]*x/);
  expect(JSON.stringify(expressionToJson(result.expr))).toContain("x");
});

test("ranges of ranges are rejected at any depth", () => {
  expect(messageOf(`x${"[5m:1m]".repeat(100_000)}`)).toContain("levels deep");
});

test.each([
  ["a string", `"${"a".repeat(2 ** 20)}"`],
  ["blanks", `${" ".repeat(2 ** 20)}x`],
  ["a name", "a".repeat(2 ** 20 + 1)],
])("%s of more than a million characters is not read", (_, text) => {
  const message = (most: number): string =>
    `expression has ${text.length} characters, more than the ${most} that are read, split it up`;
  expect(messageOf(text)).toBe(message(1_048_576));
  for (const [result, most] of [
    [parseSelector(text), 131_072],
    [parseMetric(text), 1_048_576],
  ] as const) {
    if (result.ok) throw new Error("was read");
    expect(result.errors[0].toString()).toBe(`1:1: parse error: ${message(most)}`);
  }
});

test("a string of escapes with the maximum length is parsed", () => {
  const result = parseExpression(`"\\n${"a".repeat(2 ** 19)}"`);
  expect(result.ok && result.expr.kind === "string" && result.expr.value.length).toBe(2 ** 19 + 1);
});

test("a number with half a million digits is rejected quickly", () => {
  expect(messageOf("1".repeat(2 ** 19))).toMatch(/value out of range$/);
});

test("types of deeply nested parts, and labels of on() and group_left(), are checked in one pass", () => {
  let balanced = "1";
  for (let i = 0; i < 17; i++) balanced = `${balanced}+(${balanced})`;
  expect(messageOf(`${"(".repeat(800)}${balanced}${")".repeat(800)}`)).toBe("");
  const names = (prefix: string): string => Array.from({ length: 60_000 }, (_, i) => `${prefix}${i}`).join(",");
  expect(messageOf(`a + on(${names("b")}) group_left(${names("c")}) a`)).toBe("");
  expect(messageOf("a + on(b, c) group_left(c) a")).toBe('label "c" must not occur in ON and GROUP clause at once');
});

test("the expression of label_replace is counted as a regular expression", () => {
  const replace = (pattern: string): string => `label_replace(x, "a", "", "b", ("${pattern}"))`;
  expect(messageOf(replace("[a-z]{1000}".repeat(53)))).toMatch(/^regular expressions with more than 262144 characters/);
  expect(messageOf(replace("[a-z]{1000}".repeat(52)))).toBe("");
  expect(messageOf(replace("(.*)"))).toBe("");
});

test("the total weight of regular expressions that need an engine is limited; plain alternatives have no weight", () => {
  const alternatives = Array.from({ length: 20_000 }, (_, i) => `host-${i}`).join("|");
  expect(messageOf(`x{a=~"${alternatives}"}`)).toBe("");
  const message =
    "regular expressions with more than 262144 characters in all, repetitions written out, split the query up";
  expect(messageOf(`x{a=~"${"(a*)*".repeat(80_000)}"}`)).toBe(message);
  expect(messageOf(`x{a=~"${"[a-z]{1000}".repeat(53)}"}`)).toBe(message);
  expect(messageOf(`x{a=~"${"[a-z]{1000}".repeat(52)}"}`)).toBe("");
  expect(messageOf(`x{a=~"((((a{10}){10}){10}).)"}`)).toBe("");
  expect(
    messageOf(
      Array(60)
        .fill(`x{a=~"${"a.".repeat(2500)}"}`)
        .join(" or "),
    ),
  ).toBe(message);
  expect(messageOf(`x{a=~"${"(".repeat(10_000)}${")".repeat(10_000)}"}`)).toContain("expression nests too deeply");
});

test("dividing a text into lines takes time linear in its length, at any depth of nesting", () => {
  const long = `{a="${"y".repeat(500_000)}"}`;
  for (const text of [nest("-", long, "", 900), nest("(", long, ")", 900), nest("abs(", long, ")", 900)]) {
    const result = parseExpression(text);
    if (!result.ok) throw new Error(result.errors[0].toString());
    expect(prettyPrint(result.expr).length).toBeLessThan(3_000_000);
  }
  const wide = parseExpression(nest("(", `label_join(x, "", "", ${'"", '.repeat(20_000)}"")`, ")", 900));
  if (!wide.ok) throw new Error(wide.errors[0].toString());
  expect(prettyPrint(wide.expr)).toBe(printExpression(wide.expr));
});

test("at most at most the first hundred errors of a text are reported", () => {
  const refused = parseExpression(`label_join(x, "", "", ${"1 == 1, ".repeat(20_000)}"")`);
  expect(refused).toMatchObject({ ok: false });
  expect(refused.ok ? 0 : refused.errors.length).toBe(100);
});

test("the total weight of the selectors of a request is limited; plain alternatives have no weight", () => {
  const problemOf = (texts: readonly string[]): string => {
    const parsed = parseSelectors(texts);
    return parsed.ok ? "" : parsed.errors[0].toString();
  };
  const alternatives = Array.from({ length: 10_000 }, (_, i) => `host-${i}`).join("|");
  expect(problemOf([`x{a=~"${alternatives}"}`, `x{a=~".*",b!~".+"}`])).toBe("");
  expect(problemOf(Array<string>(300).fill(`x{a=~"${"a.".repeat(500)}"}`))).toBe(
    "1:6: parse error: regular expressions with more than 8192 characters in all, repetitions written out, split the query up",
  );
  expect(problemOf([`{${'a="b",'.repeat(1000)}}`])).toBe("");
  expect(problemOf([`{${'a="b",'.repeat(1000)}}`, `{a="b"}`])).toBe(
    "1:2: parse error: more than 1000 matchers in all, split the request up",
  );
  expect(problemOf([`{a="${"b".repeat(2 ** 16)}"}`, `{a="${"b".repeat(2 ** 16)}"}`])).toBe(
    "1:1: parse error: expression has 131084 characters, more than the 131072 that are read, split it up",
  );
});
