import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BoundedMatcher } from "./bounded-match.ts";
import { collectFaults } from "./pattern-faults.ts";
import { patternCost } from "./pattern-cost.ts";
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

  test.each(["/(/", "/a/q", "a".repeat(100_001), "/(?i:a)/", "/[/", `/${"(".repeat(60)}a${")".repeat(60)}/`])(
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

  test.each([
    ["/^\\p{L}$/", "p{L}", true],
    ["/^\\p{L}$/", "x", false],
    ["/^\\cJ\\a\\_\\ $/", "\na_ ", true],
    ["/^\\xg$/", "xg", true],
  ])("%s reads escapes as JavaScript does", (pattern, text, isMatch) => {
    expect(compileUserPattern(pattern)?.test(text)).toBe(isMatch);
    expect(new RegExp(pattern.slice(1, -1)).test(text)).toBe(isMatch);
  });

  test("an expression with thousands of names matches each of them, even after many other texts were tested", () => {
    const hosts = Array.from({ length: 5000 }, (_, i) => `host${i}.example`);
    for (const source of [`^(${hosts.join("|")})$`, `(${hosts.join("|")})`]) {
      const compiled = compileUserPattern(`/${source}/`)!;
      const { result, faults } = collectFaults(() => hosts.slice(-100).every((host) => compiled.test(host)));
      expect([result, faults]).toEqual([true, []]);
    }
  });

  test("an expression that JavaScript's engine cannot compile is matched by the step-counting engine", () => {
    const long = "b".repeat(99_000);
    expect(compileUserPattern(`/a|${long}/`)!.test("xa")).toBe(true);
  });

  test("match() returns named groups", () => {
    const match = compileUserPattern("/(?<host>[^:]+):(?<port>\\d+)|none/")?.match("web:80");
    expect([match?.named.get("host"), match?.named.get("port"), match?.index]).toEqual(["web", "80", 0]);
    expect(compileUserPattern("/(a)|(b)/")?.match("b")?.groups).toEqual(["b", undefined, "b"]);
  });
});

test.each([
  [`/(?:${"ab".repeat(200)}|c)*d/`, "ab".repeat(40_000)],
  [`/(?:(?:${"a".repeat(450)}(b?))+)+c/`, "a".repeat(90_000)],
  ["/(?:(?:a|b)+(c?))*$/", `${"ab".repeat(40_000)}d`],
])("%s finds nothing if the stack would overflow", (pattern, text) => {
  const compiled = compileUserPattern(pattern)!;
  expect(compiled.test(text)).toBe(false);
  const deep = (left: number): boolean => (left === 0 ? compiled.test(text) : deep(left - 1));
  expect(deep(5000)).toBe(false);
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
  // Without a limit of steps, each of these matches would take longer than a user waits.
  for (let i = 0; i < 20; i++) expect(compiled.test(`${"a".repeat(2000 + i)}!`)).toBe(false);
});

test("matching many texts with one expression also takes a bounded number of steps", () => {
  const compiled = compileUserPattern("/.*a.*b/")!;
  const [without, one] = ["a".repeat(90), `${"x".repeat(40)}a${"x".repeat(40)}b`];
  for (let i = 0; i < 3000; i++) expect(compiled.test(without)).toBe(false);
  expect(compiled.test(one)).toBe(true);
});

test("search() returns the remaining budget", () => {
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

test("the step-counting engine finds the same matches as JavaScript's engine", () => {
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

const ended = fc
  .tuple(source, fc.constantFrom("", "[ab]".repeat(40), "a".repeat(40), "(?:a|b)".repeat(8)))
  .map(([pattern, end]) => `${pattern}${end}c`);

test("patternCost() is at least the number of steps needed, which includes a try of each part for every way to match the parts before it", () => {
  const check = (pattern: string, text: string): void => {
    const parsed = parsePattern(`^(?:${pattern})`)!;
    const { factor, degree } = patternCost(parsed.root);
    if (!Number.isFinite(factor)) return;
    const budget = 5_000_000;
    const { left } = new BoundedMatcher(parsed, "").search(text, 0, budget);
    // Maximum number of steps: six for each unit of the computed cost.
    const most = 6 * (factor * Math.max(text.length, 1) ** degree + text.length + 1);
    expect(budget - left, pattern).toBeLessThanOrEqual(most);
  };
  check(`.*${"[ab]".repeat(200)}c`, "a".repeat(800));
  check(`.*.*${"a".repeat(40)}c`, "a".repeat(100));
  fc.assert(fc.property(ended, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 60 }), check), { numRuns: 500 });
});

test("any text is matched in bounded time", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 60 }), (pattern, text) => {
      const compiled = compileExpression(pattern);
      expect(typeof (compiled?.test(text) ?? true)).toBe("boolean");
      expect(typeof (compileUserPattern(pattern)?.replace(text, pattern) ?? "")).toBe("string");
    }),
  );
});

test("a replacement template with an unclosed group name is read in linear time", () => {
  const template = "$<".repeat(300_000);
  expect(compileUserPattern("/a/")!.replace("a", template)).toBe(template);
});

test("withFaults() collects refused and stopped expressions, each once", () => {
  const { result, faults } = collectFaults(() => {
    compileUserPattern("/(/");
    compileUserPattern("/(/");
    compileUserPattern("/(?i:a)/");
    const inner = collectFaults(() => compileUserPattern("/a/q"));
    const evil = compileUserPattern("/^(a+)+$/")!;
    for (let i = 0; i < 20; i++) evil.test(`${"a".repeat(2000 + i)}!`);
    return inner.faults;
  });
  expect(result).toEqual(['"/a/q" is not a valid regular expression; it matches nothing']);
  expect(faults).toEqual([
    '"(" has syntax that is not supported; it matches nothing',
    '"(?i:a)" has syntax that is not supported; it matches nothing',
    'matching "^(a+)+$" takes too many steps and was stopped',
  ]);
});
