import fc from "fast-check";
import { expect, test } from "vitest";
import type { Frame } from "../frame/frame.ts";
import { withPresent } from "./earlier-frames.ts";
import { earlierPeriod } from "./earlier-period.ts";
import { earlierWords, isEarlierPeriod } from "./earlier-words.ts";
import { relativeDifference } from "./relative-difference.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const calendar = { now: 1_800_000_000_000, zone: "UTC" };

test.each([
  ["1d", "1 day earlier"],
  ["2w", "2 weeks earlier"],
  ["1d12h", "1 day 12 hours earlier"],
  ["previous", "previous period"],
])("%s is called %s", (text, words) => expect(earlierWords(text)).toBe(words));

test.each(["", "0d", "d", "-1d", "1", "1 d", "1x", "now-1d", "1d||", "previous period"])(
  "%s is not an earlier period",
  (text) => {
    expect(isEarlierPeriod(text)).toBe(false);
    expect(earlierPeriod(text, { from: 0, to: 1 }, calendar)).toBeUndefined();
  },
);

test("one day earlier is the same hour of the previous day, even across a clock change", () => {
  const from = Date.UTC(2026, 2, 29, 10);
  const period = earlierPeriod("1d", { from, to: from + HOUR }, { ...calendar, zone: "Europe/Berlin" });
  expect(period).toEqual({
    range: { from: from - 23 * HOUR, to: from - 22 * HOUR },
    shiftMs: 23 * HOUR,
    words: "1 day earlier",
  });
});

test("an earlier period is as long as the range and begins before it; the previous one ends when the range begins", () => {
  const span = fc.record({
    from: fc.integer({ min: 1e12, max: 2e12 }),
    length: fc.integer({ min: 1, max: 90 * DAY }),
    text: fc.constantFrom("previous", "1d", "1w", "3h", "1M2d", "15m"),
  });
  fc.assert(
    fc.property(span, ({ from, length, text }) => {
      const { range, shiftMs } = earlierPeriod(text, { from, to: from + length }, calendar)!;
      expect(range.to - range.from).toBe(length);
      expect(range.from + shiftMs).toBe(from);
      expect(shiftMs).toBeGreaterThan(0);
      if (text === "previous") expect(range.to).toBe(from);
    }),
  );
});

const series = (instance: string, start: number, values: readonly number[], step = 15_000): Frame => ({
  refId: "A",
  length: values.length,
  fields: [
    {
      name: "Time",
      type: "time",
      config: { interval: step },
      values: Float64Array.from(values, (_, i) => start + i * step),
    },
    { name: "Value", type: "number", labels: { instance }, config: {}, values: Float64Array.from(values) },
  ],
});

test("series are paired with their earlier ones; new and removed series have no counterpart", () => {
  const present = [series("a", DAY, [1, 2]), series("new", DAY, [3, 4])];
  const earlier = [series("gone", 0, [5, 6]), series("a", 0, [7, 8])];
  const { frames, earlierOf, presentOf } = withPresent(present, earlier, { shiftMs: DAY, words: "1 day earlier" });
  expect(frames.map(({ fields }) => [...(fields[0]!.values as Float64Array)])).toEqual([
    [DAY, DAY + 15_000],
    [DAY, DAY + 15_000],
  ]);
  expect([...earlierOf.keys()]).toEqual([present[0]!.fields[1]]);
  expect(earlierOf.get(present[0]!.fields[1]!)!.field).toBe(earlier[1]!.fields[1]);
  expect(presentOf.get(earlier[1]!.fields[1]!)!.frame).toBe(present[0]);
});

test("times of an earlier period are moved exactly onto those of the current period, whatever the distance", () => {
  const distances = fc.record({
    step: fc.constantFrom(15_000, 60_000, 7_000),
    shiftMs: fc.integer({ min: 1, max: 40 * DAY }),
    lag: fc.integer({ min: -20, max: 20 }),
  });
  fc.assert(
    fc.property(distances, ({ step, shiftMs, lag }) => {
      const start = step * 1_000_000;
      // Time of the first point, which is at a multiple of the step, as data sources return it.
      const before = Math.ceil((start - shiftMs) / step) * step + lag * step;
      const { frames } = withPresent([series("a", start, [1, 2, 3], step)], [series("a", before, [1, 2, 3], step)], {
        shiftMs,
        words: "",
      });
      const [first] = frames[0]!.fields[0]!.values as Float64Array;
      expect(Math.abs((first! - start) % step)).toBe(0);
      expect(Math.abs(first! - before - shiftMs)).toBeLessThanOrEqual(step / 2);
    }),
  );
});

test.each([
  [15, 10, 0.5],
  [5, 10, -0.5],
  [-5, -10, 0.5],
  [1, 0, undefined],
  [NaN, 1, undefined],
])("the relative difference of %s after %s is %s", (now, before, share) =>
  expect(relativeDifference(now, before)).toBe(share),
);
