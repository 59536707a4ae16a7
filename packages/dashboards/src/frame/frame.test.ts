import { expect, test } from "vitest";
import { type Frame, timeFieldOf, valueAt } from "./frame.ts";

const frame: Frame = {
  length: 3,
  fields: [
    { name: "host", type: "string", values: ["a", null, "c"], config: {} },
    { name: "Time", type: "time", values: Float64Array.of(1, 2, 3), config: {} },
    { name: "Value", type: "number", values: Float64Array.of(1, NaN, 0), nulls: Uint8Array.of(0, 0, 1), config: {} },
  ],
};

test("valueAt() distinguishes a missing value from NaN, and returns null beyond the end", () => {
  const [host, , value] = frame.fields;
  expect([0, 1, 2, 3].map((row) => valueAt(value!, row))).toEqual([1, NaN, null, null]);
  expect([0, 1, 2, 3].map((row) => valueAt(host!, row))).toEqual(["a", null, "c", null]);
});

test("timeFieldOf() finds the time column at any position", () => {
  expect(timeFieldOf(frame)).toBe(frame.fields[1]);
  expect(timeFieldOf({ length: 0, fields: [] })).toBeUndefined();
});
