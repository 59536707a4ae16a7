import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type MatcherMode,
  parseMatcher,
  parseMatchers,
  parseSingle,
  printMatcher,
  printMatchers,
  sortMatchers,
} from "./matcher-syntax.ts";

function parse(input: string, mode: MatcherMode): string {
  try {
    return printMatchers(parseMatchers(input, mode).matchers);
  } catch (error) {
    return `! ${(error as Error).message}`;
  }
}

test.each([
  ['{foo="bar"', "! 0:10: end of input: expected close brace"],
  ['foo="bar"}', "! 0:10: }: expected opening brace"],
  ["foo", "! end of input: expected an operator such as '=', '!=', '=~' or '!~'"],
  ["foo=", "! end of input: expected label value"],
  ["=bar", "! 0:1: unexpected =: expected label name"],
  ["foo=bar baz=x", "! 8:11: unexpected baz: expected a comma or close brace"],
  ['{a="b"}x', "! 7:8: x: expected end of input"],
  ["a=b,,", "! 4:5: unexpected ,: expected a matcher or close brace after comma"],
  ["a!b", "! 1:2: !: expected one of '=~': expected an operator such as '=', '!=', '=~' or '!~'"],
  ['a=~"("', "! failed to create matcher: error parsing regexp: missing closing ): `^(?:()$`"],
  ["{,}", "! 1:2: unexpected ,: expected label name"],
  ["a=b=c", "! 3:4: unexpected =: expected a comma or close brace"],
  ["{foo=bar,}", '{foo="bar"}'],
  ['"a b"=c', '{"a b"="c"}'],
  ['a="\\u00e9\\n"', '{a="é\\n"}'],
  ["", "{}"],
  ["{", "! 0:1: end of input: expected close brace"],
  ["}", "! 0:1: }: expected opening brace"],
  ["{}", "{}"],
  ["{a=b} ", '{a="b"}'],
  ["{a=b,", "! 0:5: end of input: expected close brace"],
  ["a=b,", '{a="b"}'],
  ["a=b,}", "! 0:5: }: expected opening brace"],
  [" a\u00a0!~\t'", "! 6:7: ': invalid input: expected label value"],
  ["a!", "! 1:2: unexpected end of input, expected one of '=~': expected an operator such as '=', '!=', '=~' or '!~'"],
  ["a=~b!=c", "! 4:6: unexpected !=: expected a comma or close brace"],
  ['a="b', '! 2:4: "b: missing end ": expected label value'],
  ['a="b\\"', '! 2:6: "b\\": missing end ": expected label value'],
  ['a="\\""', '{a="\\""}'],
  ['"\\x61\\142\\u0063\\U00000064"=""', '{abcd=""}'],
  ['a="\\a\\b\\f\\r\\t\\v\\\\"', '{a="\u0007\b\f\r\t\u000b\\\\"}'],
  ['a="\\400"', '! 2:8: "\\400": invalid input'],
  ['a="\\xff"', '! 2:8: "\\xff": invalid input'],
  ['a="\\377"', '! 2:8: "\\377": invalid input'],
  ['a="\\xc3\\xa9"', '{a="é"}'],
  ['a="\\ud800"', '! 2:10: "\\ud800": invalid input'],
  ['a="\\ue000\\ud7ff"', '{a="\ue000\ud7ff"}'],
  ['a="\\udfff"', '! 2:10: "\\udfff": invalid input'],
  ['a="\\U0010ffff"', '{a="\u{10ffff}"}'],
  ['a="\\U00110000"', '! 2:14: "\\U00110000": invalid input'],
  ['a="\\q"', '! 2:6: "\\q": invalid input'],
  ['a="b\n"', '! 2:6: "b\n": invalid input'],
  ['"\ufeffa"=b', '{\ufeffa="b"}'],
  ["😀=~x", '{😀=~"x"}'],
  ["😀=x y", "! 4:5: unexpected y: expected a comma or close brace"],
  ["a=b c", "! 4:5: unexpected c: expected a comma or close brace"],
  ["{a=b}}", "! 5:6: }: expected end of input"],
  ["{{", "! 1:2: unexpected {: expected label name"],
])("parseMatchers() of %j in UTF-8 mode is %s, as amtool has it", (input, expected) => {
  expect(parse(input, "utf8")).toBe(expected);
});

test.each([
  ["foo", "! bad matcher format: foo"],
  ['foo="b"ar"', '! matcher value contains unescaped double quote: "b"ar"'],
  ["foo=", '{foo=""}'],
  ["foo = bar , baz=~x.* ,", '{foo="bar",baz=~"x.*"}'],
  ['{a="x,y\\"z\\d"}', '{a="x,y\\"z\\\\d"}'],
  ["{}", "{}"],
  ["a=1,,b=2", "! bad matcher format: "],
  ["a=b}", '{a="b"}'],
  ['"a,b"=c', '! bad matcher format: "a,b"=c'],
  ["{a=b", '{a="b"}'],
  ['a="b', '! matcher value contains unescaped double quote: "b'],
  ['a=b"', '! matcher value contains unescaped double quote: b"'],
  ['a=""', '{a=""}'],
  ['a="\\n\\\\"', '{a="\\n\\\\"}'],
  ["a=b\\", '{a="b\\\\"}'],
  ['a="\\\\",b=c', '{a="\\\\",b="c"}'],
  ['a=\\"x,b=c', '{a="\\"x",b="c"}'],
  ["a=\ud800", "! matcher value not valid UTF-8: \ud800"],
  ["1a=b", "! bad matcher format: 1a=b"],
  [" _a:1 !~ x ", '{_a:1!~"x"}'],
  ["a!=b", '{a!="b"}'],
  ["a=~(", "! error parsing regexp: missing closing ): `^(?:()$`"],
])("parseMatchers() of %j in classic mode is %s", (input, expected) => {
  expect(parse(input, "classic")).toBe(expected);
});

test.each([
  ["{a=b}", '{a="b"}', undefined],
  ['{"a b"=c}', '{"a b"="c"}', undefined],
  ["a=", '{a=""}', "incompatible"],
  ['a="\\x41"', '{a="\\\\x41"}', "disagreement"],
  ["{", "{}", "incompatible"],
  ["a==", '{a="="}', "incompatible"],
])("fallback reads %j as %s, and warns of %s", (input, expected, warning) => {
  const found = parseMatchers(input);
  expect([printMatchers(found.matchers), found.warning]).toEqual([
    expected,
    warning === undefined ? undefined : expect.stringContaining(warning),
  ]);
});

test("a single matcher is read by the rules of the mode, with a warning if the syntaxes differ", () => {
  expect(parseSingle("a=", "fallback")).toMatchObject({ matchers: [{ value: "" }], warning: expect.any(String) });
  expect(parseSingle("a=b", "fallback")).toMatchObject({ matchers: [{ value: "b" }], warning: undefined });
  expect(parseSingle('"a b"=c', "fallback")).toMatchObject({ matchers: [{ name: "a b" }], warning: undefined });
  expect(() => parseSingle("{a=b", "classic")).toThrow("bad matcher format: {a=b");
  expect(() => parseSingle("a=b}", "fallback")).toThrow("unexpected open or close brace: a=b}");
});

test("matchers are sorted by name, value and type", () => {
  const inputs = ["b=1", "a!~1", "a=~1", "a!=1", "a=1", "a=0", "b=0"];
  const sorted = sortMatchers(inputs.map((input) => parseMatcher(input)));
  expect(sorted.map(printMatcher)).toEqual(['a="0"', 'a="1"', 'a!="1"', 'a=~"1"', 'a!~"1"', 'b="0"', 'b="1"']);
});

test("fallback mode uses the classic result if the syntaxes differ, with a warning", () => {
  expect(parseMatchers("foo=").warning).toContain('foo=""');
  expect(parseMatchers('foo="\\u0041"').warning).toContain("disagreement");
  expect(parseMatchers("foo=bar").warning).toBeUndefined();
  expect(parse("a!b", "fallback")).toBe("! bad matcher format: a!b");
});

test("parseMatcher() accepts one matcher without braces", () => {
  expect(() => parseMatcher("{a=b}")).toThrow("unexpected open or close brace: {a=b}");
  expect(parseMatcher("a=b,c=d")).toMatchObject({ name: "a", value: "b,c=d" });
  expect(() => parseMatcher("a=b,c=d", "utf8")).toThrow("expected 1 matcher, found 2");
  expect(() => parseMatcher("", "utf8")).toThrow("no matchers");
  expect(() => parseMatcher("")).toThrow("bad matcher format: ");
});

test("matchers that printMatchers() prints are parsed to the same matchers", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          name: fc.string({ minLength: 1 }),
          type: fc.constantFrom("=" as const, "!=" as const),
          value: fc.string(),
        }),
      ),
      (matchers) => {
        const printed = printMatchers(matchers);
        expect(printMatchers(parseMatchers(printed, "utf8").matchers)).toBe(printed);
      },
    ),
  ));

test("blanks within a value are read in one pass", () => {
  const blanks = " ".repeat(1_000_000);
  expect(parseMatcher(`a=x${blanks}y${blanks}`, "classic").value).toBe(`x${blanks}y`);
  expect(parseMatchers(`a=b,c=x${blanks}y`, "classic").matchers.map(({ name }) => name)).toEqual(["a", "c"]);
});
