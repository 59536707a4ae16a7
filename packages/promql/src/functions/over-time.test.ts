import fc from "fast-check";
import { expect, test } from "vitest";
import type { RangeKernelFactory } from "../operators/window.ts";
import { type KernelInput, runKernel, windowSlots } from "../testing/kernel-run.ts";
import * as overTime from "./over-time.ts";

type Reference = (values: number[], times: number[]) => number;

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]): number => total(values) / values.length;
const variance = (values: number[]): number => {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
};
const numbersOr = (values: number[], pick: (numbers: number[]) => number): number => {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? NaN : pick(numbers);
};
const quantile = (q: number, values: number[]): number => {
  const sorted = [...values].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! * (1 - (rank - low)) + sorted[high]! * (rank - low);
};

/** Random samples with windows that share most of their samples. */
const inputs = (value: fc.Arbitrary<number>): fc.Arbitrary<KernelInput> =>
  fc
    .record({
      gaps: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
      rangeMs: fc.integer({ min: 1, max: 400 }),
      step: fc.integer({ min: 1, max: 40 }),
      values: fc.array(value, { minLength: 60, maxLength: 60 }),
    })
    .map(({ gaps, rangeMs, step, values }) => {
      let time = 0;
      const timestamps = gaps.map((gap) => (time += gap));
      return { timestamps, values: values.slice(0, gaps.length), rangeMs, step, count: 50 };
    });

const plain = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 8);
const anything = fc.oneof(
  { weight: 8, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);

function agrees(
  kernel: RangeKernelFactory,
  reference: Reference,
  value: fc.Arbitrary<number>,
  scalars?: number[],
): void {
  fc.assert(
    fc.property(inputs(value), (input) => {
      const results = runKernel(kernel, scalars === undefined ? input : { ...input, scalars });
      results.forEach((result, at) => {
        const slots = windowSlots(input, at);
        const expected =
          slots.length === 0
            ? undefined
            : reference(
                slots.map((slot) => input.values[slot]!),
                slots.map((slot) => input.timestamps[slot]!),
              );
        if (typeof expected === "number" && Number.isFinite(expected)) expect(result).toBeCloseTo(expected, 8);
        else expect(result).toEqual(expected);
      });
    }),
  );
}

test.each<[string, RangeKernelFactory, Reference]>([
  ["max", overTime.maxOverTimeKernel, (values) => numbersOr(values, (numbers) => Math.max(...numbers))],
  ["min", overTime.minOverTimeKernel, (values) => numbersOr(values, (numbers) => Math.min(...numbers))],
  ["count", overTime.countOverTimeKernel, (values) => values.length],
  ["present", overTime.presentOverTimeKernel, () => 1],
  ["first", overTime.firstOverTimeKernel, (values) => values[0]!],
  ["last", overTime.lastOverTimeKernel, (values) => values.at(-1)!],
  ["ts_of_first", overTime.tsOfFirstOverTimeKernel, (_, times) => times[0]! / 1000],
  ["ts_of_last", overTime.tsOfLastOverTimeKernel, (_, times) => times.at(-1)! / 1000],
])("%s_over_time() agrees with looking at each window, NaN and infinities included", (_, kernel, reference) =>
  agrees(kernel, reference, anything),
);

test.each<[string, RangeKernelFactory, Reference]>([
  ["sum", overTime.sumOverTimeKernel, total],
  ["avg", overTime.avgOverTimeKernel, mean],
  ["stdvar", overTime.stdvarOverTimeKernel, variance],
  ["stddev", overTime.stddevOverTimeKernel, (values) => Math.sqrt(variance(values))],
  [
    "ts_of_max",
    overTime.tsOfMaxOverTimeKernel,
    (values, times) => times[values.lastIndexOf(Math.max(...values))]! / 1000,
  ],
  [
    "ts_of_min",
    overTime.tsOfMinOverTimeKernel,
    (values, times) => times[values.lastIndexOf(Math.min(...values))]! / 1000,
  ],
  [
    "mad",
    overTime.madOverTimeKernel,
    (values) => {
      const median = quantile(0.5, values);
      return quantile(
        0.5,
        values.map((value) => Math.abs(value - median)),
      );
    },
  ],
])("%s_over_time() agrees with looking at each window", (_, kernel, reference) => agrees(kernel, reference, plain));

test("sum_over_time() of a window with an infinity is the IEEE result", () =>
  agrees(overTime.sumOverTimeKernel, total, anything));

test.each([0, 0.3, 0.5, 0.9, 1])("quantile_over_time(%d) has the same result as sorting each window", (q) =>
  agrees(overTime.quantileOverTimeKernel, (values) => quantile(q, values), plain, [q]),
);

const FLAT: KernelInput = { timestamps: [], values: [], rangeMs: 1000, step: 10, count: 100 };

test("stddev_over_time() of equal values is 0, not a trace of rounding", () => {
  const timestamps = Array.from({ length: 100 }, (_, i) => i * 10);
  const input = { ...FLAT, timestamps, values: timestamps.map(() => 0.1 + 1e9) };
  expect(runKernel(overTime.stddevOverTimeKernel, input)).toEqual(timestamps.map(() => 0));
});

test("sum_over_time() keeps small values next to large values that cancel out", () => {
  const values = Array.from({ length: 100 }, (_, i) => [1e100, 1, -1e100, 1][i % 4]!);
  const timestamps = values.map((_, i) => i * 10);
  expect(runKernel(overTime.sumOverTimeKernel, { ...FLAT, timestamps, values, rangeMs: 40 }).at(-1)).toBe(2);
});

test("avg_over_time() does not overflow if the sum does", () => {
  const values = Array.from({ length: 100 }, () => Number.MAX_VALUE);
  const input = { ...FLAT, timestamps: values.map((_, i) => i * 10), values };
  expect(Number(runKernel(overTime.avgOverTimeKernel, input).at(-1)) / Number.MAX_VALUE).toBeCloseTo(1, 12);
});
