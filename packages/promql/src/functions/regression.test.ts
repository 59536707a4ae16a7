import fc from "fast-check";
import { expect, test } from "vitest";
import { type KernelInput, runKernel, windowSlots } from "../testing/kernel-run.ts";
import { KahanSum } from "./kahan.ts";
import { derivKernel, predictLinearKernel } from "./regression.ts";

const sumOf = (values: readonly number[]): number => {
  const sum = new KahanSum();
  for (const value of values) sum.add(value);
  return sum.total;
};

/** Reference implementation of a least-squares line, which adds up the samples in order. */
function fit(y: readonly number[], times: readonly number[], origin: number): [slope: number, intercept: number] {
  const first = y[0]!;
  if (y.every((value) => value === first)) return Number.isFinite(first) ? [0, first] : [NaN, NaN];
  const x = times.map((time) => (time - origin) / 1000);
  const n = y.length;
  const [sumX, sumY] = [sumOf(x), sumOf(y)];
  const sumXY = sumOf(x.map((at, i) => at * y[i]!));
  const sumX2 = sumOf(x.map((at) => at * at));
  const slope = (sumXY - (sumX * sumY) / n) / (sumX2 - (sumX * sumX) / n);
  return [slope, sumY / n - (slope * sumX) / n];
}

/** Expects two results to be equal except for rounding errors. */
function expectNear(actual: unknown, expected: number): void {
  const isNear = Math.abs(Number(actual) - expected) <= 1e-12 * Math.abs(expected);
  if (!isNear) expect(actual).toBe(expected);
}

const values = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -5000, max: 5000 }).map((value) => value / 8) },
  { weight: 4, arbitrary: fc.constant(17.1) },
  { weight: 1, arbitrary: fc.constantFrom(1e300, -1e-300, 1e16) },
);
const anything = fc.oneof(
  { weight: 40, arbitrary: values },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, Number.MAX_VALUE) },
);
/** Random distances between samples in seconds. Most are equal, as in scrapes. */
const gaps = fc.oneof(
  { weight: 20, arbitrary: fc.constant(15) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }) },
);

const inputs = (value: fc.Arbitrary<number>): fc.Arbitrary<KernelInput> =>
  fc
    .record({
      gaps: fc.array(gaps, { maxLength: 60 }),
      values: fc.array(value, { minLength: 60, maxLength: 60 }),
      rangeMs: fc.integer({ min: 1, max: 500 }),
      step: fc.constantFrom(15, 30, 22),
    })
    .map(({ gaps: list, values: drawn, rangeMs, step }) => {
      let time = 0;
      const timestamps = list.map((gap) => (time += gap));
      return { timestamps, values: drawn.slice(0, list.length), rangeMs, step, count: 50 };
    });

test.each([
  ["finite values", values],
  ["anything", anything],
])("deriv() and predict_linear() are least squares to twelve digits: %s", (_, value) =>
  fc.assert(
    fc.property(inputs(value), (input) => {
      const slopes = runKernel(derivKernel, input);
      const predictions = runKernel(predictLinearKernel, { ...input, scalars: [60] });
      slopes.forEach((slope, at) => {
        const slots = windowSlots(input, at);
        if (slots.length < 2) {
          expect([slope, predictions[at]]).toEqual([undefined, undefined]);
          return;
        }
        const y = slots.map((slot) => input.values[slot]!);
        const times = slots.map((slot) => input.timestamps[slot]!);
        expectNear(slope, fit(y, times, times[0]!)[0]);
        const [steepness, intercept] = fit(y, times, at * input.step);
        expectNear(predictions[at], steepness * 60 + intercept);
      });
    }),
  ),
);

test("deriv() and predict_linear() add in order if windows overlap little, exact to the last bit", () => {
  const timestamps = Array.from({ length: 60 }, (_, i) => (i + 1) * 15);
  const drawn = timestamps.map((time) => Math.sin(time) * 1000);
  const input: KernelInput = { timestamps, values: drawn, rangeMs: 100, step: 90, count: 11 };
  runKernel(derivKernel, input).forEach((slope, at) => {
    const slots = windowSlots(input, at);
    const times = slots.map((slot) => timestamps[slot]!);
    const y = slots.map((slot) => drawn[slot]!);
    expect(slope).toBe(slots.length < 2 ? undefined : fit(y, times, times[0]!)[0]);
  });
});

test("deriv() of nearly constant values equals the result of adding in order, to the last bit", () => {
  const timestamps = Array.from({ length: 60 }, (_, i) => (i + 1) * 15);
  const drawn = timestamps.map((_, i) => 1e9 + (i % 7) / 1024);
  const input: KernelInput = { timestamps, values: drawn, rangeMs: 400, step: 15, count: 60 };
  runKernel(derivKernel, input).forEach((slope, at) => {
    const slots = windowSlots(input, at);
    const times = slots.map((slot) => timestamps[slot]!);
    const y = slots.map((slot) => drawn[slot]!);
    if (slots.length > 2) expect(slope).toBe(fit(y, times, times[0]!)[0]);
  });
});

test("deriv() keeps its precision over thousands of samples", () => {
  const count = 3000;
  const timestamps = Array.from({ length: count }, (_, i) => i * 15);
  const drawn = timestamps.map((time) => Math.sin(time) + 20);
  const input: KernelInput = { timestamps, values: drawn, rangeMs: 150, step: 15, count };
  const slopes = runKernel(derivKernel, input);
  for (let at = 1; at < count; at++) {
    const slots = windowSlots(input, at);
    const times = slots.map((slot) => timestamps[slot]!);
    expectNear(
      slopes[at],
      fit(
        slots.map((slot) => drawn[slot]!),
        times,
        times[0]!,
      )[0],
    );
  }
});
