import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReducedValue } from "../values/reduced-values.ts";
import { labelPoint, pieSlices, slicePath, sortedValues } from "./pie-slices.ts";

const value = (numeric: number, decimals?: number): ReducedValue =>
  ({
    key: String(numeric),
    name: String(numeric),
    display: { numeric, prefix: "", text: String(numeric), suffix: " B", color: "#ff0000" },
    field: {
      name: "v",
      type: "number",
      values: Float64Array.of(numeric),
      config: decimals === undefined ? {} : { decimals },
    },
  }) as unknown as ReducedValue;

test("pieSlices() divides the circle by the values; negative values get no share", () => {
  const slices = pieSlices([value(3), value(-5), value(1), value(NaN)]);
  expect(slices.map(({ percent }) => percent)).toEqual(["75%", "0%", "25%", "0%"]);
  expect(slices.map(({ text }) => text)[0]).toBe("3 B");
  expect([slices[0]!.from, slices[2]!.to]).toEqual([0, 2 * Math.PI]);
  expect(pieSlices([value(1, 2), value(2, 2)]).map(({ percent }) => percent)).toEqual(["33.33%", "66.67%"]);
});

test("the shares of pieSlices() add up to 1, or to 0 if no value is positive", () =>
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 20 }), (numbers) => {
      const slices = pieSlices(numbers.map((number) => value(number)));
      const sum = slices.reduce((all, { share }) => all + share, 0);
      expect(Math.abs(sum - 1) < 1e-9 || sum === 0).toBe(true);
      for (const slice of slices) expect(slicePath(slice, 50, 20)).not.toContain("NaN");
    }),
  ));

test("sortedValues() keeps the order of equal values", () => {
  const values = [value(1), value(3), value(2)];
  expect(sortedValues(values, "desc").map(({ name }) => name)).toEqual(["3", "2", "1"]);
  expect(sortedValues(values, "asc").map(({ name }) => name)).toEqual(["1", "2", "3"]);
  expect(sortedValues(values, "none")).toBe(values);
});

test("slicePath() draws slices, rings and whole circles", () => {
  expect(slicePath({ from: 0, to: Math.PI / 2 }, 10, 0)).toBe("M0 0L0 -10A10 10 0 0 1 10 0Z");
  expect(slicePath({ from: 0, to: Math.PI * 1.5 }, 10, 5)).toBe("M0 -10A10 10 0 1 1 -10 0L-5 0A5 5 0 1 0 0 -5Z");
  expect(slicePath({ from: 0, to: 2 * Math.PI }, 10, 0)).toBe("M0 -10A10 10 0 0 1 0 10A10 10 0 0 1 0 -10Z");
  const { x, y } = labelPoint({ from: 0, to: Math.PI }, 8);
  expect(x).toBeCloseTo(8);
  expect(y).toBeCloseTo(0);
});
