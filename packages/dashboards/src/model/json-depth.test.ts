import { expect, test } from "vitest";
import { isDeeperThan } from "./json-depth.ts";

test.each([
  [0, "a text", false],
  [0, [], true],
  [1, {}, false],
  [1, [1, { a: 1 }], true],
  [2, [1, { a: 1 }], false],
])("isDeeperThan(%i, %j) is %s", (most, value, isDeeper) => {
  expect(isDeeperThan(most, value)).toBe(isDeeper);
});

test("values of any depth can be measured", () => {
  const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  expect(isDeeperThan(99_999, deep)).toBe(true);
  expect(isDeeperThan(100_000, deep)).toBe(false);
});
