import fc from "fast-check";
import { expect, test } from "vitest";
import { similarity, type WordFilter, wordScore } from "./word-filter.ts";

const filter = (terms: readonly string[], more: Partial<WordFilter> = {}): WordFilter => ({
  terms,
  algorithm: "subsequence",
  threshold: 0,
  caseSensitive: true,
  ...more,
});

test.each([
  ["abc", "abc", 1],
  ["abc", "abcd", 1],
  ["abc", "xabc", ((9 - 1 / 4) / 9) * 0.999],
  ["abc", "xabcz", ((9 - 1 / 5 - 0.5 / 5) / 9) * 0.999],
  ["abc", "axbxc", ((3 - 2 / 5) / 9) * 0.999],
  // Expects the better score of the later match, whose letters are consecutive.
  ["abc", "a.abc", ((9 - 2 / 5) / 9) * 0.999],
  ["é日", "xé日", ((4 - 1 / 3) / 4) * 0.999],
  ["abc", "ab", undefined],
  ["abc", "cba", undefined],
  ["", "x", 1],
])("the letters of %s in %s score %s", (term, word, expected) => {
  const score = wordScore(filter([term]))(word);
  if (expected === undefined) expect(score).toBeUndefined();
  else expect(score).toBeCloseTo(expected, 12);
});

test("words that are less similar to the term than the threshold are dropped", () => {
  expect(wordScore(filter(["abc"], { threshold: 0.3 }))("axbxc")).toBeUndefined();
  expect(wordScore(filter(["abc"], { threshold: 0.2 }))("axbxc")).toBeGreaterThan(0.2);
});

test("the score is the best of all terms, and case matters only if the filter is case-sensitive", () => {
  expect(wordScore(filter(["zz", "bc", "ABC"]))("abc")).toBeCloseTo(((4 - 1 / 3) / 4) * 0.999, 12);
  expect(wordScore(filter(["zz", "bc", "ABC"], { caseSensitive: false }))("aBc")).toBe(1);
  expect(wordScore(filter(["zz"]))("abc")).toBeUndefined();
});

test("with similarity, the score of a word that contains the term depends on the position; other words need the threshold", () => {
  const of = (threshold: number): ((word: string) => number | undefined) =>
    wordScore(filter(["cpu"], { algorithm: "jarowinkler", threshold }));
  expect(of(0)("cpu_seconds")).toBe(1);
  expect(of(0)("node_cpu")).toBeCloseTo(0.1, 12);
  expect(of(0)("x_cpu_y")).toBeCloseTo(1 - (0.9 * 2) / 4, 12);
  expect(of(0)("ü_cpu_y")).toBeCloseTo(1 - (0.9 * 2) / 4, 12);
  expect(of(0)("cup")).toBeUndefined();
  expect(of(0.5)("cup")).toBeCloseTo(0.6, 12);
  expect(of(0.99)("cup")).toBeUndefined();
});

test.each([
  ["MARTHA", "MARHTA", 0.9611],
  ["DIXON", "DICKSONX", 0.8133],
  ["DWAYNE", "DUANE", 0.84],
  ["a", "b", 0],
  ["", "b", 0],
])("the similarity of %s and %s is %s", (one, other, expected) =>
  expect(similarity(Array.from(one), Array.from(other))).toBeCloseTo(expected, 4),
);

test("scores are from 0 to 1, an equal word scores 1, and similarity is symmetric", () =>
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (term, word) => {
      for (const algorithm of ["subsequence", "jarowinkler"] as const) {
        const score = wordScore(filter([term], { algorithm, threshold: 0.01 }));
        expect(score(term)).toBe(1);
        expect(score(word) ?? 0).toBeGreaterThanOrEqual(0);
        expect(score(word) ?? 0).toBeLessThanOrEqual(1);
      }
      const [a, b] = [Array.from(term), Array.from(word)];
      expect(similarity(a, b)).toBeCloseTo(similarity(b, a), 1);
    }),
  ));

test("only the beginnings of very long texts are compared", () => {
  const letters = (text: string): string[] => text.split("");
  expect(similarity(letters("ab".repeat(100_000)), letters("ba".repeat(100_000)))).toBeGreaterThan(0.8);
});
