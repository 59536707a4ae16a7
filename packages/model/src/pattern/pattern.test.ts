import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { literalAlternatives } from "./literal-pattern.ts";
import { plainCapture } from "./plain-capture.ts";
import { Matcher } from "../labels/matcher.ts";
import { type CapturingPattern, compileCapturing, compilePattern, needsEngine, PatternError } from "./pattern.ts";

/**
 * Compiles an expression with the regular-expression engine. The group around the expression prevents faster ways of
 * matching, which the test compares.
 */
const engineOf = (source: string): CapturingPattern => compileCapturing(`(?:${source})`);

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
function outcome<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, message: (error as Error).message.replace(/: ``$/, "") };
  }
}

const words = fc.stringMatching(/^[a-z.|()*+?^$\\-]{0,6}$/);

test("compilePattern() on literals and alternations agrees with the engine", () =>
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { minLength: 1, maxLength: 4 }),
      fc.stringMatching(/^[a-z|]{0,4}$/),
      (alternatives, text) => {
        const source = `(?:${alternatives.join("|")})`;
        expect(literalAlternatives(source)).toEqual(alternatives);
        expect(compilePattern(source).test(text)).toBe(engineOf(source).test(text));
      },
    ),
  ));

test("compilePattern() on wildcards between literals agrees with the engine", () =>
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^(?:[ab]|\\\.|\.\*|\.\+){0,5}$/), { minLength: 1, maxLength: 3 }),
      fc.stringMatching(/^[ab.\n\u{1F525}]{0,6}$/u),
      (alternatives, text) => {
        const source = alternatives.join("|");
        expect(compilePattern(source).test(text)).toBe(engineOf(source).test(text));
      },
    ),
    { numRuns: 500 },
  ));

test.each([".*", ".+", "a.*", ".*a", "a.*b.+", ".*.+a", "a\\.b.*|c.+|d"])("%s needs no engine", (source) => {
  expect(needsEngine(source)).toBe(false);
});

test.each([".+.+", "a.*?", ".**", "a.+{2}", "(a|b).*", "a.b", "[ab].*", "^a.*", `.*${"a".repeat(65)}.*`])(
  "%s needs the engine",
  (source) => {
    expect(needsEngine(source)).toBe(true);
  },
);

test("literalAlternatives() returns only strings that the engine accepts completely", () =>
  fc.assert(
    fc.property(words, (source) => {
      const literals = literalAlternatives(source);
      if (literals === undefined) return;
      const engine = engineOf(source);
      for (const literal of literals) expect(engine.test(literal)).toBe(true);
    }),
  ));

test("a matcher's expression is anchored and its dot matches newlines", () => {
  expect(new Matcher("=~", "a", "b.*").matches("abc")).toBe(false);
  expect(new Matcher("=~", "a", "b.*").matches("b\nc")).toBe(true);
  expect(new Matcher("!~", "a", "b|").matches("")).toBe(false);
});

test("an expression designed for backtracking ends at once", () => {
  const pattern = compilePattern("(?:(a+)+b)");
  expect(pattern.test("a".repeat(5000))).toBe(false);
});

test.each(["(", "[a", "a**", "(?P<n", "a{1001}", "(?=x)"])("%s is refused in Go's words", (source) => {
  expect(() => compilePattern(source)).toThrow(PatternError);
  expect(() => compilePattern(source)).toThrow(/^error parsing regexp: /);
});

test("an expression is refused, or accepts the same texts, as if it were compiled alone", () =>
  fc.assert(
    fc.property(
      fc.stringMatching(/^(?:[ab()[\]|\\^:-]|\\[Q()E]|\[:alpha:\]){0,10}$/),
      fc.stringMatching(/^[ab()[\]|]{0,3}$/),
      (source, text) => {
        const own = outcome(() => RE2JS.compile(source) as unknown);
        const whole = own.ok ? outcome(() => RE2JS.compile(`^(?s:${source})$`)) : own;
        const compiled = outcome(() => compilePattern(source));
        expect(compiled.ok).toBe(whole.ok);
        if (whole.ok && compiled.ok) expect(compiled.value.test(text)).toBe(whole.value.test(text));
        else expect(compiled).toEqual(whole);
      },
    ),
    { numRuns: 5000 },
  ));

test("exec() on plain expressions with one group or none agrees with the engine", () =>
  fc.assert(
    fc.property(
      fc.stringMatching(/^(?:[ab|]|\\\.|\.\*|\.\+){0,5}$/),
      fc.stringMatching(/^(?:[ab|]|\\\.|\.\*|\.\+){0,4}$/),
      fc.constantFrom("$1$2", "$1($2)", "($1)$2", "($1)", "($1)($2)", "x($1)y"),
      fc.stringMatching(/^[abxy.\n\u{1F525}]{0,6}$/u),
      (one, two, form, text) => {
        const source = form.replace("$1", () => one).replace("$2", () => two);
        expect(compileCapturing(source).exec(text)).toEqual(engineOf(source).exec(text));
      },
    ),
    { numRuns: 2000 },
  ));

test.each(["(.*)", "(.+)", "a", "a|b", "(a|b)", "Pod;(.+)", "(.*)\\.svc", ".+", "(a.*|b)"])("%s is plain", (source) => {
  expect(plainCapture(source)).toBeDefined();
});

test("templates are split as in Go: names are as long as possible, numbers with leading zeros are names, a lone $ is kept", () => {
  const pattern = compileCapturing("(?P<e>a)(b)?");
  const expand = (template: string): string => pattern.replaceAll("a", template);
  const cases: Readonly<Record<string, string>> = {
    $1: "a",
    "${1}x": "ax",
    $1x: "",
    "$e.": "a.",
    $1é: "",
    $01: "",
    $2: "",
    $9: "",
    $$1: "$1",
    $: "$",
    "${}": "${}",
    "${1": "${1",
    "$-1": "$-1",
  };
  expect(Object.fromEntries(Object.keys(cases).map((template) => [template, expand(template)]))).toEqual(cases);
});

test("replaceAll() expands groups like Go", () => {
  const pattern = compileCapturing("(?P<host>[a-z]+):(\\d+)", false);
  expect(pattern.replaceAll("a:1 b:2", "${2}=$host$$ $nope $1x")).toBe("1=a$   2=b$  ");
});

test("all texts that a pattern accepts begin with its prefix", () => {
  const prefixes = [
    "abc.*",
    "ab*c",
    "a\\.b.+",
    "ab?",
    "a+b",
    "(?i)ab.*",
    "^ab",
    "ab.*|c",
    "a{2}",
    "é😀.",
    "😀*",
    "a\\d",
    ".*",
  ];
  expect(prefixes.map((source) => compilePattern(source).prefix)).toEqual([
    "abc",
    "a",
    "a.b",
    "a",
    "",
    "",
    "",
    "",
    "",
    "é😀",
    "",
    "a",
    "",
  ]);
  const pattern = compilePattern("ab.+");
  expect(["ab", "abc", "ab\n", "xabc", "b"].map((text) => pattern.test(text))).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("compilePattern() agrees with the engine on texts that begin with a prefix", () =>
  fc.assert(
    fc.property(words, fc.stringMatching(/^[a-z.\n]{0,6}$/), fc.boolean(), (source, tail, isNear) => {
      let engine;
      try {
        compileCapturing(source);
        engine = engineOf(source);
      } catch {
        return;
      }
      const text = isNear ? source.replaceAll(/[^a-z.]/g, "") + tail : tail;
      expect(compilePattern(source).test(text)).toBe(engine.test(text));
    }),
    { numRuns: 1000 },
  ));
