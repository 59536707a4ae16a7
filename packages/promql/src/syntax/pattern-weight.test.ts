import { expect, test } from "vitest";
import { patternWeight } from "./pattern-weight.ts";

test.each([
  ["", 0],
  ["abc.*", 5],
  ["a{3}", 6],
  ["a{2,4}b", 10],
  ["a{3,}", 7],
  ["ab{10}", 15],
  ["\\d{1,3}\\.", 13],
  ["[a-z]{10}", 54],
  ["[]a]{2}", 11],
  ["[^\\]]{2}", 13],
  ["(abc){10}", 54],
  ["((a{5}){5}){5}", 250],
  ["\\pL", 20],
  ["\\p{Greek}{2}", 43],
  ["\\x{10FFFF}", 10],
  ["a{1001}", 7],
  ["(a){1000}", 3006],
  ["(a){1001}", 9],
  ["(a{10}b){101}", 13],
  ["a{b}", 4],
  ["\\Q(a{9}){9}\\E", 13],
  ["\\Q(a{9}", 7],
  ["([[:alpha:]{9}]){9}", 147],
])("patternWeight(%j) is %d", (source, weight) => {
  expect(patternWeight(source)).toBe(weight);
});

test.each(["\\Q(a{1000}){1000}\\E", "([[:alpha:]{1000}]){1000}", "(a{1000}){1000}", "([[:^alpha:]{1000}]{2}){1000}"])(
  "the weight of a text includes what follows %s, whether or not the engine rejects it",
  (before) => {
    expect(patternWeight(`${before}${"\\pL{1000}".repeat(850)}`)).toBeGreaterThan(17_000_000);
  },
);

test("a weight is a finite number, however deeply repetitions are nested", () => {
  expect(patternWeight(`${"(".repeat(500)}a${"{1000})".repeat(500)}`)).toBeGreaterThan(2 ** 40);
});

test.each(["(", "[", "{", "\\", "a{2}(", ")", "(a{9}){9}"])("%j again and again is weighed", (part) => {
  expect(patternWeight(part.repeat(10_000))).toBeGreaterThanOrEqual(part.length * 10_000);
});
