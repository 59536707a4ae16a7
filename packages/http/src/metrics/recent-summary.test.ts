import { ManualClock } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RecentSummary } from "./recent-summary.ts";

const PHIS = [0.01, 0.5, 0.99];

const reading = (summary: RecentSummary<"job">): Record<string, number> =>
  Object.fromEntries(
    (summary.family()?.samples ?? []).map(({ suffix, labels, value }) => [
      `${suffix}{${(labels ?? []).join(",")}}`,
      value,
    ]),
  );

test("quantiles equal those of the sorted values, to a hundredth of a percent", () =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (values) => {
        const summary = new RecentSummary<"job">("x", "X.", PHIS, [], new ManualClock());
        for (const value of values) summary.observe(value);
        const sorted = values.toSorted((a, b) => a - b);
        const got = reading(summary);
        for (const phi of PHIS) {
          const exact = sorted[Math.max(1, Math.ceil(phi * sorted.length)) - 1]!;
          expect(Math.abs(got[`{quantile,${phi}}`]! / exact - 1)).toBeLessThan(1e-4);
        }
        expect(got["_count{}"]).toBe(values.length);
      },
    ),
  ));

test("a constant value is returned exactly, and so is 0", () => {
  const summary = new RecentSummary("x", "X.", PHIS, ["job"], new ManualClock());
  expect(summary.family()).toBeUndefined();
  for (let i = 0; i < 5; i++) summary.observe({ job: "a" }, 15);
  summary.observe({ job: "b" }, 0);
  expect(reading(summary)).toEqual({
    "{job,a,quantile,0.01}": 15,
    "{job,a,quantile,0.5}": 15,
    "{job,a,quantile,0.99}": 15,
    "_sum{job,a}": 75,
    "_count{job,a}": 5,
    "{job,b,quantile,0.01}": 0,
    "{job,b,quantile,0.5}": 0,
    "{job,b,quantile,0.99}": 0,
    "_sum{job,b}": 0,
    "_count{job,b}": 1,
  });
  summary.remove({ job: "b" });
  summary.reset();
  expect(reading(summary)).toMatchObject({ "{job,a,quantile,0.5}": NaN, "_count{job,a}": 0 });
});

test("quantiles forget values older than ten minutes; count and sum do not", async () => {
  const clock = new ManualClock();
  const summary = new RecentSummary<"job">("x", "X.", [0.5], [], clock);
  for (let i = 0; i < 10; i++) summary.observe(1);
  await clock.advance(5 * 60_000);
  summary.observe(3);
  expect(reading(summary)["{quantile,0.5}"]).toBe(1);
  await clock.advance(6 * 60_000);
  expect(reading(summary)).toEqual({ "{quantile,0.5}": 3, "_sum{}": 13, "_count{}": 11 });
  await clock.advance(20 * 60_000);
  expect(reading(summary)["{quantile,0.5}"]).toBe(NaN);
});
