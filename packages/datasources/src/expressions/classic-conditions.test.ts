import type { JsonObject } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { classicConditions, conditionReferences } from "./classic-conditions.ts";
import type { ExpressionValue } from "./expression-value.ts";

const series = (...values: readonly number[]) => ({
  labels: {},
  times: Float64Array.from(values.keys()),
  values: Float64Array.from(values),
});
const inputs: Readonly<Record<string, ExpressionValue>> = {
  A: [series(1, Number.NaN, 5), series(2, 2)],
  N: [{ labels: {}, values: Float64Array.of(7) }],
  E: [series(), { labels: {}, values: Float64Array.of(Number.NaN) }],
  O: [],
};
const condition = (refId: string, reducer: string, type: string, params: readonly number[] = [], operator = "and") => ({
  query: { params: [refId] },
  reducer: { type: reducer },
  evaluator: { type, params },
  operator: { type: operator },
});
const evaluate = (...conditions: readonly JsonObject[]): number =>
  classicConditions({ conditions }, (refId) => inputs[refId]!)[0]!.values[0]!;

test("a condition is true if it is true for one series, and numbers are not reduced", () => {
  expect(evaluate(condition("A", "last", "gt", [4]))).toBe(1);
  expect(evaluate(condition("A", "avg", "gt", [4]))).toBe(0);
  expect(evaluate(condition("N", "sum", "eq", [7]))).toBe(1);
});

test.each([
  ["avg", 3],
  ["sum", 6],
  ["min", 1],
  ["max", 5],
  ["count", 3],
  ["last", 5],
  ["median", 3],
  ["diff", 4],
  ["diff_abs", 4],
  ["percent_diff", 400],
  ["percent_diff_abs", 400],
  ["count_non_null", 2],
])("the reducer %s leaves out values that are not numbers", (reducer, expected) => {
  expect(evaluate(condition("A", reducer, "eq", [expected]))).toBe(1);
});

test.each([
  ["ge", [7], 1],
  ["le", [6], 0],
  ["lt", [8], 1],
  ["ne", [7], 0],
  ["within_range", [10, 5], 1],
  ["within_range", [7, 10], 0],
  ["outside_range", [1, 5], 1],
  ["within_range_included", [7, 10], 1],
  ["outside_range_included", [1, 7], 1],
])("the evaluator %s with %j", (type, params, expected) => {
  expect(evaluate(condition("N", "last", type, params))).toBe(expected);
});

test("conditions are combined from the first to the last, and no values are no data", () => {
  const [yes, no] = [condition("N", "last", "gt", [1]), condition("N", "last", "gt", [9])];
  const or = { operator: { type: "or" } };
  expect(evaluate(no, { ...yes, ...or }, no)).toBe(0);
  expect(evaluate(no, no, { ...yes, ...or })).toBe(1);
  expect(evaluate(condition("E", "last", "gt", [1]))).toBeNaN();
  expect(evaluate(condition("O", "last", "gt", [1]))).toBeNaN();
  expect(evaluate(condition("O", "last", "no_value"))).toBe(1);
  expect(evaluate(condition("E", "last", "no_value"))).toBe(1);
  expect(evaluate(yes, condition("E", "last", "gt", [1]))).toBe(0);
});

test("an incomplete condition is named", () => {
  const whole = condition("A", "last", "gt", [1]);
  const faults = [
    { ...whole, query: {} },
    { ...whole, reducer: { type: "guess" } },
    { ...whole, evaluator: { type: "gt" } },
    { ...whole, evaluator: { type: "gt", params: ["x"] } },
    { ...whole, evaluator: { type: "near", params: [1] } },
    { ...whole, evaluator: { type: "within_range", params: [1] } },
  ];
  for (const fault of faults) expect(() => evaluate(fault)).toThrow(/condition 1|evaluator/);
  expect(() => evaluate(whole, { ...whole, operator: { type: "xor" } })).toThrow("condition 2 operator");
  expect(() => evaluate()).toThrow("at least one condition");
  expect(conditionReferences({ conditions: [whole, whole, { ...whole, query: {} }, 7] })).toEqual(["A"]);
});
