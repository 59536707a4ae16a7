import { expect, test } from "vitest";
import { parseDateMath } from "./date-math.ts";
import { formatTime } from "./format-time.ts";
import { calculateInterval, formatInterval, parseInterval, rateInterval, roundInterval } from "./interval.ts";
import { describeRange } from "./quick-ranges.ts";
import { panelTimeRange, rangeFromUrl, resolveTimeRange } from "./time-range.ts";
import { civilTime, epochOf } from "./time-zone.ts";

const at = (text: string): number => Date.parse(text);
const now = at("2026-03-29T12:34:56.789Z");
const berlin = { now, zone: "Europe/Berlin", weekStart: 1 };
const utc = { now, zone: "UTC", weekStart: 1 };

test.each([
  ["now", "2026-03-29T12:34:56.789Z"],
  ["now-6h", "2026-03-29T06:34:56.789Z"],
  ["now - 1d", "2026-03-28T12:34:56.789Z"],
  ["now-1M", "2026-02-28T12:34:56.789Z"],
  ["now+1y", "2027-03-29T12:34:56.789Z"],
  ["now/d", "2026-03-29T00:00:00.000Z"],
  ["now/w", "2026-03-23T00:00:00.000Z"],
  ["now-1Q/Q", "2025-10-01T00:00:00.000Z"],
  ["now/fy", "2026-01-01T00:00:00.000Z"],
  ["2026-01-02", "2026-01-02T00:00:00.000Z"],
  ["2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"],
  ["2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05.500Z"],
  ["2026-01-02||+1d/d", "2026-01-03T00:00:00.000Z"],
  ["20260102", "2026-01-02T00:00:00.000Z"],
  ["1700000000000", "2023-11-14T22:13:20.000Z"],
])("parseDateMath(%j)", (text, expected) => {
  expect(new Date(parseDateMath(text, utc)!).toISOString()).toBe(expected);
});

test("parseDateMath() uses the zone's local time, also across clock changes", () => {
  expect(parseDateMath("now/d", berlin)).toBe(at("2026-03-28T23:00:00Z"));
  expect(parseDateMath("now/d", berlin, true)).toBe(at("2026-03-29T22:00:00Z") - 1);
  expect(parseDateMath("now-1d", berlin)).toBe(at("2026-03-28T13:34:56.789Z"));
  expect(parseDateMath("now/h", { ...berlin, zone: "Asia/Kolkata" })).toBe(at("2026-03-29T12:30:00Z"));
});

test.each([
  "",
  "now-",
  "now-1x",
  "now/2d",
  "yesterday",
  "2026-13-01",
  "2026-02-30",
  "now-99999999999d",
  "now-999999999y",
])("parseDateMath(%j) is not a time", (text) => {
  expect(parseDateMath(text, utc)).toBeUndefined();
});

test("epochOf() inverts civilTime() for every local time that occurs once", () => {
  for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
    for (let ms = at("2026-01-01T00:30:00Z"); ms < at("2027-01-01T00:00:00Z"); ms += 7.3 * 86_400_000)
      expect(epochOf(civilTime(ms, zone), zone)).toBe(ms);
});

test("epochOf() handles a skipped local time as if the clocks had not changed, and returns the first of a repeated one", () => {
  const skipped = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0, millisecond: 0 };
  expect(epochOf(skipped, "Europe/Berlin")).toBe(at("2026-03-29T01:30:00Z"));
  const twice = { ...skipped, month: 10, day: 25 };
  expect(epochOf(twice, "Europe/Berlin")).toBe(at("2026-10-25T00:30:00Z"));
});

test("formatTime() supports moment's tokens", () => {
  const ms = at("2026-03-09T03:04:05.678Z");
  expect(formatTime(ms, "UTC", "YYYY-MM-DD HH:mm:ss.SSS")).toBe("2026-03-09 03:04:05.678");
  expect(formatTime(ms, "America/New_York", "ddd, MMM Do h:mm a Z z")).toBe("Sun, Mar 8th 11:04 pm -04:00 EDT");
  expect(formatTime(ms, "UTC", "[at] LT \\Y GGGG-[W]WW-E X x")).toBe(
    "at 3:04 AM Y 2026-W11-1 1773025445 1773025445678",
  );
});

test("intervals are rounded to the table's steps", () => {
  expect([9, 10, 1499, 1500, 45_000, 90_000, 604_800_000].map(roundInterval)).toEqual([
    1, 10, 1000, 2000, 60_000, 120_000, 604_800_000,
  ]);
  expect(calculateInterval(86_400_000, 900, 15_000)).toBe(120_000);
  expect(calculateInterval(60_000, 1000, 15_000)).toBe(15_000);
  expect(rateInterval(15_000, 15_000)).toBe(60_000);
  expect(["1m", "1h30m", ">10s", "15", "2d", "x", "", "1m x"].map(parseInterval)).toEqual([
    60_000,
    5_400_000,
    10_000,
    15_000,
    172_800_000,
    undefined,
    undefined,
    undefined,
  ]);
  expect([20, 15_000, 60_000, 3_600_000, 90_000, 172_800_000].map(formatInterval)).toEqual([
    "20ms",
    "15s",
    "1m",
    "1h",
    "1m",
    "2d",
  ]);
});

test("ranges are resolved, shifted and described", () => {
  expect(resolveTimeRange({ from: "now/d", to: "now/d" }, utc)).toEqual({
    from: at("2026-03-29T00:00:00Z"),
    to: at("2026-03-30T00:00:00Z") - 1,
  });
  expect(resolveTimeRange({ from: "now", to: "now-1h" }, utc)).toBeUndefined();
  expect(panelTimeRange({ from: "now-6h", to: "now" }, { timeFrom: "1h", timeShift: "1d" }, utc)).toMatchObject({
    from: now - 90_000_000,
    to: now - 86_400_000,
  });
  expect(describeRange({ from: "now-6h", to: "now" })).toBe("Last 6 hours");
  expect(describeRange({ from: "now-45m", to: "now" })).toBe("Last 45 minutes");
  expect(rangeFromUrl(new URLSearchParams("time=1000000&time.window=1000"))).toEqual({ from: "999500", to: "1000500" });
});

test("times beyond the calendar are no times", () => {
  const last = "8640000000000000";
  expect(resolveTimeRange({ from: `-${last}`, to: last }, utc)).toEqual({ from: -8.64e15, to: 8.64e15 });
  for (const beyond of ["8640000000000001", "99999999999999999", "-8640000000000001"]) {
    expect(parseDateMath(beyond, utc)).toBeUndefined();
    expect(resolveTimeRange({ from: beyond, to: beyond }, utc)).toBeUndefined();
  }
});
