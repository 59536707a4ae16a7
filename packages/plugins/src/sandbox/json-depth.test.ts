import { expect, test } from "vitest";
import { isDeeper } from "./json-depth.ts";

test("isDeeper() counts nested objects and lists, but no brackets in texts", () => {
  expect(isDeeper('[{"a":[1]},[[2]]]', 3)).toBe(false);
  expect(isDeeper('[{"a":[1]},[[[2]]]]', 3)).toBe(true);
  expect(isDeeper(String.raw`["[[[[\"[[[[", "{{{{"]`, 1)).toBe(false);
  expect(isDeeper("[".repeat(1_000_000), 50)).toBe(true);
});
