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
