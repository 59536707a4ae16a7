import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultTimeRange, endSeconds, longerRange, rangeBetween, shorterRange } from "./time-range.ts";

const hourMs = 3_600_000;

test("ranges step through the usual lengths and stop at both ends", () => {
  expect(longerRange(hourMs)).toBe(2 * hourMs);
  expect(shorterRange(hourMs)).toBe(1_800_000);
  expect(longerRange(hourMs + 1)).toBe(2 * hourMs);
  expect(shorterRange(1000)).toBe(1000);
  expect(longerRange(730 * 24 * hourMs)).toBe(730 * 24 * hourMs);
});

test("a range ends at its set end, or now", () => {
  expect(endSeconds(defaultTimeRange, 1_700_000_000_500)).toBe(1_700_000_000.5);
  expect(endSeconds({ rangeMs: hourMs, endMs: 5000 }, 1_700_000_000_500)).toBe(5);
});

test("the range between two times is rounded to whole seconds, at least one, and ends within half a second of the second time", () => {
  const time = fc.double({ min: 0, max: 4e9, noNaN: true });
  fc.assert(
    fc.property(time, time, (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      const range = rangeBetween(start, end);
      expect(range.rangeMs % 1000).toBe(0);
      expect(range.rangeMs).toBeGreaterThanOrEqual(1000);
      expect(Math.abs(range.rangeMs / 1000 - Math.max(1, end - start))).toBeLessThanOrEqual(0.5);
      expect(Math.abs(endSeconds(range, 0) - end)).toBeLessThanOrEqual(0.5);
    }),
  );
});
