import { Matcher, matchesAll, Labels } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSelector } from "../syntax/parse.ts";
import { unionOfMatchers } from "./matcher-union.ts";

function matchersOf(text: string): readonly Matcher[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw parsed.errors[0];
  return parsed.matchers;
}

const unionOf = (...texts: readonly string[]): string | undefined =>
  unionOfMatchers(texts.map(matchersOf))?.map(String).join(",");

test.each([
  [[`{team="a"}`], `team="a"`],
  [[`{team="a"}`, `{team="a"}`], `team="a"`],
  [[`{team="a"}`, `{team="b"}`], `team=~"a|b"`],
  [[`{team="a.b"}`, `{team=~"c|d"}`], `team=~"a\\\\.b|(?:c|d)"`],
  [[`{env="x",team="a"}`, `{team="b",env="x"}`], `env="x",team=~"a|b"`],
  [[`{env="x",team="a"}`, `{env="x"}`], `env="x"`],
])("the union of %j is %s", (texts, union) => {
  expect(unionOf(...texts)).toBe(union);
});

test.each([
  { case: "no alternatives", texts: [] },
  { case: "different labels", texts: [`{team="a"}`, `{job="b"}`] },
  { case: "different numbers of matchers", texts: [`{team="a",env="x"}`, `{team="b"}`] },
  { case: "a negative matcher", texts: [`{team!="a"}`, `{team="b"}`] },
])("one selector cannot express the union of $case", ({ texts }) => {
  expect(unionOf(...texts)).toBeUndefined();
});

test("a series is in the union exactly if it is in one of the alternatives", () => {
  const value = fc.constantFrom("", "a", "b", "a.b", "a|b", "(", "axb", "$");
  const matcher = fc.oneof(
    fc.tuple(fc.constantFrom("=", "!=" as const), value),
    fc.tuple(fc.constantFrom("=~", "!~" as const), fc.constantFrom("a|b", "a.b", "", ".+", "(?i)A")),
  );
  const set = fc.uniqueArray(fc.tuple(fc.constantFrom("team", "env"), matcher), {
    maxLength: 2,
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 3 }), value, value, (sets, team, env) => {
      const alternatives = sets.map((one) => one.map(([name, [type, text]]) => new Matcher(type as "=", name, text)));
      const union = unionOfMatchers(alternatives);
      if (union === undefined) return;
      const labels = Labels.of({ ...(team !== "" && { team }), ...(env !== "" && { env }) });
      expect(matchesAll(union, labels)).toBe(alternatives.some((matchers) => matchesAll(matchers, labels)));
    }),
    { numRuns: 2000 },
  );
});
