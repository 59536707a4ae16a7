import fc from "fast-check";
import { expect, test } from "vitest";
import { type KernelInput, runKernel, windowSlots } from "../testing/kernel-run.ts";
import { changesKernel, resetsKernel } from "./changes.ts";
import { instantRateKernel } from "./instant-rate.ts";
import { rateKernel, type RateKind } from "./rate.ts";
import { isStartReset, startsOverlap } from "./start-timestamp.ts";

/** Reference implementation: computes the result for one window by definition. */
function reference(input: KernelInput, at: number, { counter, perSecond }: RateKind): number | undefined {
  const slots = windowSlots(input, at);
  if (slots.length < 2) return undefined;
  const v = slots.map((slot) => input.values[slot]!);
  const t = slots.map((slot) => input.timestamps[slot]! / 1000);
  const end = (at * input.step) / 1000;
  const range = input.rangeMs / 1000;
  let change = v.at(-1)! - v[0]!;
  if (counter) v.forEach((value, i) => i > 0 && value < v[i - 1]! && (change += v[i - 1]!));
  const sampled = t.at(-1)! - t[0]!;
  const distance = sampled / (t.length - 1);
  let before = t[0]! - (end - range);
  let after = end - t.at(-1)!;
  if (before >= distance * 1.1) before = distance / 2;
  if (counter && change > 0 && v[0]! >= 0) before = Math.min(before, sampled * (v[0]! / change));
  if (after >= distance * 1.1) after = distance / 2;
  return (change * (sampled + before + after)) / sampled / (perSecond ? range : 1);
}

const counters: fc.Arbitrary<KernelInput> = fc
  .record({
    gaps: fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 60 }),
    growth: fc.array(fc.integer({ min: -3, max: 20 }), { minLength: 60, maxLength: 60 }),
    rangeMs: fc.integer({ min: 1000, max: 300_000 }),
    step: fc.integer({ min: 1000, max: 60_000 }),
  })
  .map(({ gaps, growth, rangeMs, step }) => {
    let time = 0;
    let value = 0;
    const timestamps = gaps.map((gap) => (time += gap));
    const values = timestamps.map((_, i) => (value = growth[i]! < 0 ? 0 : value + growth[i]!));
    return { timestamps, values, rangeMs, step, count: 40 };
  });

test.each([
  ["rate", { counter: true, perSecond: true }],
  ["increase", { counter: true, perSecond: false }],
  ["delta", { counter: false, perSecond: false }],
])("%s() agrees with its definition through resets and gaps", (_, kind) =>
  fc.assert(
    fc.property(counters, (input) => {
      runKernel(rateKernel(kind), input).forEach((result, at) => {
        const expected = reference(input, at, kind);
        if (expected === undefined) expect(result).toBeUndefined();
        else expect(result).toBeCloseTo(expected, 8);
      });
    }),
  ),
);

test("irate() and idelta() use the last two samples", () =>
  fc.assert(
    fc.property(counters, (input) => {
      const rates = runKernel(instantRateKernel(true), input);
      const deltas = runKernel(instantRateKernel(false), input);
      rates.forEach((rate, at) => {
        const [before, last] = windowSlots(input, at).slice(-2);
        if (last === undefined) {
          expect(rate).toBeUndefined();
          expect(deltas[at]).toBeUndefined();
          return;
        }
        const change = input.values[last]! - input.values[before!]!;
        const seconds = (input.timestamps[last]! - input.timestamps[before!]!) / 1000;
        expect(deltas[at]).toBe(change);
        expect(rate).toBe((change < 0 ? input.values[last]! : change) / seconds);
      });
    }),
  ));

test("changes() and resets() count events between the samples of a window", () =>
  fc.assert(
    fc.property(counters, (input) => {
      const count = (test: (before: number, after: number) => boolean, at: number): number | undefined => {
        const values = windowSlots(input, at).map((slot) => input.values[slot]!);
        return values.length === 0
          ? undefined
          : values.filter((value, i) => i > 0 && test(values[i - 1]!, value)).length;
      };
      const unequal = (before: number, after: number): boolean => before !== after;
      const fell = (before: number, after: number): boolean => after < before;
      expect(runKernel(changesKernel, input)).toEqual(Array.from({ length: 40 }, (_, at) => count(unequal, at)));
      expect(runKernel(resetsKernel, input)).toEqual(Array.from({ length: 40 }, (_, at) => count(fell, at)));
    }),
  ));

test.each([
  ["no start known", 0, 10, 0, 20, false],
  ["start at the sample itself", 0, 10, 20, 20, false],
  ["start behind the sample", 0, 10, 30, 20, false],
  ["start before the previous sample", 5, 10, 5, 20, false],
  ["start between the samples", 5, 10, 15, 20, true],
  ["delta: starts where the previous ended", 5, 10, 10, 20, true],
  ["cumulative whose start was not known", 0, 10, 10, 20, false],
  ["previous start equals its own time", 10, 10, 10, 20, false],
  ["previous start is invalid", 15, 10, 10, 20, false],
])("isStartReset(): %s", (_, previousStart, previousTime, start, time, expected) => {
  expect(isStartReset(previousStart, previousTime, start, time)).toBe(expected);
});

test("startsOverlap() detects a start time that is before the time of the previous sample", () => {
  expect(startsOverlap(5, 10, 7)).toBe(true);
  expect(startsOverlap(5, 10, 5)).toBe(false);
  expect(startsOverlap(5, 10, 10)).toBe(false);
  expect(startsOverlap(5, 10, 0)).toBe(false);
});
