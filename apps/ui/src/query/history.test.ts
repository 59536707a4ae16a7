import { expect, test } from "vitest";
import { withExpression } from "./history.ts";

test("an expression that is run again moves to the front", () => {
  expect(withExpression(["a + 1", "b + 1"], " b + 1 ")).toEqual(["b + 1", "a + 1"]);
});

test("plain metric names and empty expressions are not stored", () => {
  expect(withExpression(["a + 1"], "up")).toEqual(["a + 1"]);
  expect(withExpression(["a + 1"], "  ")).toEqual(["a + 1"]);
});

test("the history contains at most fifty expressions", () => {
  const full = Array.from({ length: 50 }, (_, index) => `x + ${index}`);
  const next = withExpression(full, "y + 1");
  expect(next).toHaveLength(50);
  expect(next[0]).toBe("y + 1");
});
