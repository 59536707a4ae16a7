import fc from "fast-check";
import { expect, test } from "vitest";
import { timeTicks } from "./time-axis.ts";
import { valueAxis } from "./value-axis.ts";

const HOUR = 3_600_000;

test("an axis contains its range and has a few labels in ascending order", () =>
  fc.assert(
    fc.property(
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      fc.integer({ min: 10, max: 2000 }),
      fc.constantFrom("short", "bytes", "s", "ms", "percentunit"),
      (a, b, room, unit) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const axis = valueAxis({ low, high }, room, unit);
        expect(axis.low).toBeLessThanOrEqual(low);
        expect(axis.high).toBeGreaterThanOrEqual(high);
        expect(axis.low).toBeLessThan(axis.high);
        expect(axis.ticks.length).toBeLessThanOrEqual(25);
        const values = axis.ticks.map(({ value }) => value);
        expect(values).toEqual(values.toSorted((x, y) => x - y));
      },
    ),
  ));

test.each([
  [{ low: 20, high: 100 }, 0, "positive values near zero"],
  [{ low: -100, high: -20 }, -106.4, "negative values near zero"],
  [{ low: 90, high: 100 }, 89.2, "values far from zero"],
])("an axis of %o begins at %d for %s", (range, low) => {
  expect(valueAxis(range, 200, "short").low).toBe(low);
});

test("an axis without values goes from 0 to 1, and limits are exact", () => {
  const empty = valueAxis({ low: Infinity, high: -Infinity }, 200, "short");
  expect([empty.low, empty.high > 1]).toEqual([0, true]);
  const limited = valueAxis({ low: 5, high: 6 }, 200, "short", { min: 2, max: 8, decimals: 1 });
  expect([limited.low, limited.high, limited.ticks[0]?.text]).toEqual([2, 8, "2.0"]);
});

test.each([
  [HOUR, "UTC", ["12:00", "12:15", "12:30", "12:45", "13:00"]],
  [HOUR, "Asia/Kathmandu", ["17:45", "18:00", "18:15", "18:30", "18:45"]],
  [7 * 24 * HOUR, "UTC", ["01/03", "01/05", "01/07"]],
  [300 * 24 * HOUR, "UTC", ["2026-04", "2026-07", "2026-10"]],
])("labels of %d ms in %s", (span, zone, texts) => {
  const from = Date.UTC(2026, 0, 1, 12);
  expect(timeTicks(from, from + span, zone, 5).map(({ text }) => text)).toEqual(texts);
});

test("labels stay on full hours when the clocks change", () => {
  const from = Date.UTC(2026, 2, 28, 20);
  const ticks = timeTicks(from, from + 12 * HOUR, "Europe/Berlin", 14);
  expect(ticks.map(({ text }) => text)).toEqual(
    "21:00 22:00 23:00 00:00 01:00 03:00 04:00 05:00 06:00 07:00 08:00 09:00 10:00".split(" "),
  );
  expect(new Set(ticks.map(({ time }, i) => time - (ticks[i - 1]?.time ?? time - HOUR)))).toEqual(new Set([HOUR]));
});

test("times without a range have no labels", () => {
  expect(timeTicks(5, 5, "UTC", 5)).toEqual([]);
  expect(timeTicks(NaN, 5, "UTC", 5)).toEqual([]);
  expect(timeTicks(-Infinity, Infinity, "UTC", 5)).toEqual([]);
});
