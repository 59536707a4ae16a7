import { expect, test } from "vitest";
import { takeJson } from "./json-cells.ts";
import { QueryFailure } from "./query-failure.ts";
import { ValueBudget } from "./value-budget.ts";

/** Takes the cells of a value from a budget of `most` cells. Returns the number of steps. */
const stepsOf = (value: unknown, most: number): number =>
  [...takeJson(value, new ValueBudget(most, "too many"))].length;

test("each object, list and value of a JSON value takes a cell", () => {
  const value = { a: [1, null, true], b: { c: "x" } };
  expect(stepsOf(value, 7)).toBe(0);
  expect(() => stepsOf(value, 6)).toThrow(QueryFailure);
});

test("a long text or a long name takes a cell for 64 characters", () => {
  expect(() => stepsOf(["x".repeat(6400)], 99)).toThrow("too many");
  expect(() => stepsOf({ ["x".repeat(6400)]: 1 }, 99)).toThrow("too many");
  expect(stepsOf(["x".repeat(6400)], 101)).toBe(0);
});

test("a large value is counted in steps, and a deep one without recursion", () => {
  expect(
    stepsOf(
      Array.from({ length: 5000 }, () => 0),
      10_000,
    ),
  ).toBe(5);
  let deep: unknown = 0;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(stepsOf(deep, 200_000)).toBe(100);
});
