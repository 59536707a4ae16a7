import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type MatcherMode, parseMatcher, parseMatchers, printMatchers } from "./matcher-syntax.ts";

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
])("parseMatchers() of %j in UTF-8 mode is %s, as amtool has it", (input, expected) => {
  expect(parse(input, "utf8")).toBe(expected);
});

test.each([
  ["foo", "! bad matcher format: foo"],
  ['foo="b"ar"', '! matcher value contains unescaped double quote: "b"ar"'],
  ["foo=", '{foo=""}'],
  ["foo = bar , baz=~x.* ,", '{foo="bar",baz=~"x.*"}'],
  ['{a="x,y\\"z\\d"}', '{a="x,y\\"z\\\\d"}'],
])("parseMatchers() of %j in classic mode is %s", (input, expected) => {
  expect(parse(input, "classic")).toBe(expected);
});

test("fallback takes the classic reading where the two part, and says so", () => {
  expect(parseMatchers("foo=").warning).toContain('foo=""');
  expect(parseMatchers('foo="\\u0041"').warning).toContain("disagreement");
  expect(parseMatchers("foo=bar").warning).toBeUndefined();
  expect(parse("a!b", "fallback")).toBe("! bad matcher format: a!b");
});

test("parseMatcher() takes one matcher without braces", () => {
  expect(() => parseMatcher("{a=b}")).toThrow("unexpected open or close brace: {a=b}");
  expect(parseMatcher("a=b,c=d")).toMatchObject({ name: "a", value: "b,c=d" });
  expect(() => parseMatcher("a=b,c=d", "utf8")).toThrow("expected 1 matcher, found 2");
  expect(() => parseMatcher("", "utf8")).toThrow("no matchers");
  expect(() => parseMatcher("")).toThrow("bad matcher format: ");
});

test("what printMatchers() prints is read again as the same", () =>
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
