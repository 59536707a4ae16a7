import { expect, test } from "vitest";
import { compareYamlKeys } from "./key-order.ts";

test.each([
  ["c a b", "a b c"],
  ["a2 a10 a1", "a1 a2 a10"],
  ["aB a_ ab a-", "a- a_ aB ab"],
  ["a100 a1 a10", "a1 a10 a100"],
  ["ab a", "a ab"],
  ["10 9 a", "9 10 a"],
])("the keys %s are printed in Go's order", (keys, order) => {
  expect(keys.split(" ").sort(compareYamlKeys).join(" ")).toBe(order);
});

// An implementation that searches for the number again at each of its digits would take hours.
test("keys with a very long number are compared in one pass", () => {
  const long = "1".repeat(2_000_000);
  expect(compareYamlKeys(`${long}a0`, `${long}a1`)).toBeLessThan(0);
  expect(compareYamlKeys(`a${"0".repeat(10)}1`, `a${"0".repeat(11)}`)).toBeGreaterThan(0);
});
