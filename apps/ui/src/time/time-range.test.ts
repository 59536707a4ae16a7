import fc from "fast-check";
import { expect, test } from "vitest";
import { rangeOfRaw, spanAt } from "./raw-range.ts";
import { defaultTimeRange, isPast, rangeBetween, rawOf, readRaw } from "./time-range.ts";

const hourMs = 3_600_000;
const now = Date.UTC(2026, 0, 15, 12, 0, 0);
const calendar = { now, zone: "UTC" };

test("a range ends at its set end, or now", () => {
  expect(spanAt(defaultTimeRange, calendar)).toEqual({ from: now - hourMs, to: now });
  expect(spanAt({ rangeMs: hourMs, endMs: 5000, raw: null }, calendar)).toEqual({ from: 5000 - hourMs, to: 5000 });
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
      expect(Math.abs(spanAt(range, calendar).to / 1000 - end)).toBeLessThanOrEqual(0.5);
    }),
  );
});

test.each([
  ["now-6h", "now", { rangeMs: 6 * hourMs, endMs: null, raw: null }],
  ["now-90m", "now", { rangeMs: 1.5 * hourMs, endMs: null, raw: null }],
  ["1000", "61000", { rangeMs: 60_000, endMs: 61_000, raw: null }],
  ["2026-01-15 11:00:00", "2026-01-15 11:30:00", { rangeMs: hourMs / 2, endMs: now - hourMs / 2, raw: null }],
] as const)("the range from %s to %s has a length and an end", (from, to, range) => {
  expect(rangeOfRaw({ from, to }, calendar)).toEqual(range);
});

test.each([
  ["now/d", "now", 12 * hourMs],
  ["now-2h", "now-1h", hourMs],
  ["now-1d/d", "now-1d/d", 24 * hourMs - 1],
])("the range from %s to %s moves with the time", (from, to, rangeMs) => {
  const range = rangeOfRaw({ from, to }, calendar);
  expect(range).toEqual({ rangeMs, endMs: null, raw: { from, to } });
  expect(isPast(range)).toBe(false);
  const later = spanAt(range, { ...calendar, now: now + 24 * hourMs });
  expect(later.to).toBe(spanAt(range, calendar).to + 24 * hourMs);
});

test.each(["", "soon", "now+"])("for the invalid start %j, the range is the last hour", (from) => {
  expect(rangeOfRaw({ from, to: "now" }, calendar)).toEqual(defaultTimeRange);
  const raw = { from, to: "now" };
  expect(spanAt({ ...defaultTimeRange, raw }, calendar)).toEqual({ from: now - hourMs, to: now });
});

test("texts that cannot be times are not read from an address", () => {
  expect(readRaw("now-1d/d", "2026-01-15 11:00:00")).toEqual({ from: "now-1d/d", to: "2026-01-15 11:00:00" });
  for (const text of [null, "", "<b>", "x".repeat(41)]) expect(readRaw(text, "now")).toBeNull();
});

test("a range that is written for dashboards is read as the same range", () => {
  const seconds = fc.integer({ min: 1, max: 900_000_000 });
  fc.assert(
    fc.property(seconds, fc.option(fc.integer({ min: 0, max: 4e9 })), (length, end) => {
      const range = { rangeMs: length * 1000, endMs: end === null ? null : end * 1000, raw: null };
      expect(rangeOfRaw(rawOf(range), calendar)).toEqual(range);
    }),
  );
});
