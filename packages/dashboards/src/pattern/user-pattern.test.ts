import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BoundedMatcher } from "./bounded-match.ts";
import { parsePattern } from "./pattern-syntax.ts";
import { compileExpression, compileUserPattern } from "./user-pattern.ts";

describe("compileUserPattern()", () => {
  test.each([
    ["/cpu/", "node_cpu_seconds", true],
    ["cpu", "node_cpu_seconds", false],
    [".*cpu.*", "node_cpu_seconds", true],
    ["/CPU/i", "node_cpu", true],
    ["/^(?!mem).*$/", "memory", false],
    ["/^(?!mem).*$/", "cpu", true],
    ["/a/b/", "x a/b y", true],
    ["/(a+)+$/", `${"a".repeat(40)}b`, false],
    ["/(\\w)\\1/", "abccd", true],
    ["/(?<=cpu )\\d+/", "cpu 12", true],
  ])("%s on %s: %s", (pattern, text, isMatch) => {
    expect(compileUserPattern(pattern)?.test(text)).toBe(isMatch);
  });

  test.each(["/(/", "/a/q", "a".repeat(1001), "/(?i:a)/", "/[/", `/${"(".repeat(60)}a${")".repeat(60)}/`])(
    "refuses %s",
    (pattern) => {
      expect(compileUserPattern(pattern)).toBeUndefined();
    },
  );

  test.each([
    ["/(.*)_(.*)/", "$2-$1", "a_b", "b-a"],
    ["/a/g", "x", "banana", "bxnxnx"],
    ["/a/", "x", "banana", "bxnana"],
    ["/(?<first>\\w+) .*/", "$<first>$$$&$3", "ab cd", "ab$ab cd$3"],
    ["/x*/g", "-", "abc", "-a-b-c-"],
    ["(.*)", "$1$12", "q", "qq2"],
  ])("replaces %s by %s in %s", (pattern, template, text, result) => {
    expect(compileUserPattern(pattern)?.replace(text, template)).toBe(result);
  });

  test("match() names groups", () => {
    const match = compileUserPattern("/(?<host>[^:]+):(?<port>\\d+)|none/")?.match("web:80");
    expect([match?.named.get("host"), match?.named.get("port"), match?.index]).toEqual(["web", "80", 0]);
    expect(compileUserPattern("/(a)|(b)/")?.match("b")?.groups).toEqual(["b", undefined, "b"]);
  });
});

const evil = [
  "/^(a+)+$/",
  "/(a|a)*b/",
  "/(a*)*b/",
  "/a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaa$/",
  "/.*.*.*.*.*=b/",
];

test.each(evil)("%s takes a bounded number of steps", (pattern) => {
  const compiled = compileUserPattern(pattern)!;
  // Without a bound each of these would take longer than anyone waits.
  for (let i = 0; i < 20; i++) expect(compiled.test(`${"a".repeat(2000 + i)}!`)).toBe(false);
});

test("many texts together take a bounded number of steps as well", () => {
  const compiled = compileUserPattern("/.*a.*b/")!;
  const [without, one] = ["a".repeat(90), `${"x".repeat(40)}a${"x".repeat(40)}b`];
  for (let i = 0; i < 3000; i++) expect(compiled.test(without)).toBe(false);
  expect(compiled.test(one)).toBe(true);
});

test("search() tells what is left of the budget", () => {
  const matcher = new BoundedMatcher(parsePattern("(a|b|ab)*c")!, "");
  expect(matcher.search("ab".repeat(30), 0, 10_000)).toEqual({ left: -1 });
  expect(matcher.search("abc", 0, 10_000).left).toBeGreaterThan(9000);
});

const atom = fc.constantFrom(
  "a",
  "b",
  ".",
  "[ab]",
  "[^a]",
  "\\w",
  "\\d",
  "^",
  "$",
  "\\b",
  "(a)",
  "(?:b|ab)",
  "(?=a)",
  "(?!b)",
  "(b?)",
);
const source = fc
  .array(fc.tuple(atom, fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "{1,2}", "{2}")), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.map(([body, sign]) => (/^[\^$]$|^\\b$|^\(\?[=!]/.test(body) ? body : body + sign)).join(""))
  .chain((one) => fc.constantFrom(one, `(${one})|b`, `(?:${one})*`));

test("the counting engine finds what JavaScript's finds", () => {
  fc.assert(
    fc.property(
      source,
      fc.string({ unit: fc.constantFrom("a", "b", "1", " ", "\n"), maxLength: 8 }),
      (pattern, text) => {
        const expected = new RegExp(pattern, "m").exec(text);
        const { ends } = new BoundedMatcher(parsePattern(pattern)!, "m").search(text, 0, 1_000_000);
        expect(ends === undefined ? null : [ends[0], text.slice(ends[0], ends[1])]).toEqual(
          expected === null ? null : [expected.index, expected[0]],
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("no text is too much for an expression, and none too odd", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 60 }), (pattern, text) => {
      const compiled = compileExpression(pattern);
      expect(typeof (compiled?.test(text) ?? true)).toBe("boolean");
      expect(typeof (compileUserPattern(pattern)?.replace(text, pattern) ?? "")).toBe("string");
    }),
  );
});
