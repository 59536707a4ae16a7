import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PrefixSums } from "./prefix-sums.ts";
import { PrefixSumVariance, varianceOf } from "./variance.ts";

const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const valueList = fc.array(value, { minLength: 1, maxLength: 30 }).map((values) => Float64Array.from(values));

function windowsOf(count: number): [from: number, to: number][] {
  const all: [number, number][] = [];
  for (let from = 0; from < count; from++) for (let to = from + 1; to <= count; to++) all.push([from, to]);
  return all;
}

test("a sum from running sums equals the sum of the window, even if values are not finite", () => {
  const sums = new PrefixSums();
  fc.assert(
    fc.property(valueList, (values) => {
      expect(sums.build(values, values.length)).toBe(true);
      for (const [from, to] of windowsOf(values.length)) {
        const wanted = values.subarray(from, to).reduce((sum, one) => sum + one, 0);
        expect(sums.sum(from, to) ?? wanted).toBe(wanted);
      }
    }),
  );
});

test("a variance from running sums equals the variance of the window, even if values are not finite", () => {
  const variances = new PrefixSumVariance();
  fc.assert(
    fc.property(valueList, (values) => {
      expect(variances.build(values, values.length)).toBe(true);
      for (const [from, to] of windowsOf(values.length)) {
        const wanted = varianceOf(values, from, to);
        const found = variances.of(from, to) ?? wanted;
        if (Number.isNaN(wanted)) expect(found).toBeNaN();
        else expect(found).toBeCloseTo(wanted, 6);
      }
    }),
  );
});

test("if deviations or squares of finite values overflow, the variance is computed from the window", () => {
  const variances = new PrefixSumVariance();
  for (const size of [1.7e308, 1e200])
    expect(variances.build(Float64Array.of(-size, -size, -size, size, size), 5)).toBe(false);
});

test("a single value that is not finite does not force all windows to be summed separately", () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? NaN : i + 1));
  const [sums, variances] = [new PrefixSums(), new PrefixSumVariance()];
  expect([sums.build(values, 100), variances.build(values, 100)]).toEqual([true, true]);
  expect([sums.sum(0, 50), sums.sum(40, 60), variances.of(40, 60)]).toEqual([1275, NaN, NaN]);
  expect(variances.of(60, 100)).toBeCloseTo(varianceOf(values, 60, 100), 9);
});
