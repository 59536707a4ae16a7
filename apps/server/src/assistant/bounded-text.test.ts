import { expect, test } from "vitest";
import { boundedText, MAX_ANSWER } from "./bounded-text.ts";
import { isDeeperThan } from "./json-depth.ts";

test("a long answer is cut at a whole character, and says how to get less", () => {
  expect(boundedText({ a: 1 })).toBe('{"a":1}');
  expect(boundedText(undefined)).toBe("null");
  const cut = boundedText(`x${"😀".repeat(MAX_ANSWER)}`);
  expect(cut.length).toBeLessThan(MAX_ANSWER + 200);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut).toMatch(/Ask for fewer series, entries or points\.$/);
});

test.each([
  ["[[1]]", 2, false],
  ["[[[1]]]", 2, true],
  ['{"a":{"b":[]}}', 3, false],
  [String.raw`["[[[[\"[[["]`, 1, false],
  ["[".repeat(100_000), 20, true],
])("brackets of %s within %d levels", (text, limit, isDeep) => {
  expect(isDeeperThan(text, limit)).toBe(isDeep);
});
