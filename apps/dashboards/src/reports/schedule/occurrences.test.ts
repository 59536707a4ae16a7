import { civilTime, daysInMonth, weekdayOf } from "@narthex/dashboards/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextTime, previousTime } from "./occurrences.ts";
import type { Frequency, Schedule } from "./schedule.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Zones with clock changes of an hour, of half an hour and none, around both hemispheres. */
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "America/Santiago",
  "Africa/Casablanca",
];

const at = (text: string): number => Date.parse(text);
const schedule = (frequency: Frequency, start: string, more: Partial<Schedule> = {}): Schedule => ({
  frequency,
  start: at(start),
  zone: "Europe/Berlin",
  isWorkdaysOnly: false,
  ...more,
});

/** Returns the times between two times, as texts in UTC. */
function times(given: Schedule, after: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let time = nextTime(given, at(after)); time !== undefined && found.length < count; time = nextTime(given, time))
    found.push(new Date(time).toISOString().slice(0, 16));
  return found;
}

/** Finds the times by looking at each minute: the minute's local time must be that of the schedule. */
function byMinutes({ frequency, start, zone, isWorkdaysOnly }: Schedule, from: number, to: number): readonly number[] {
  const wanted = civilTime(start, zone);
  const found: number[] = [];
  const seen = new Set<string>();
  for (let time = from; time <= to; time += MINUTE_MS) {
    const civil = civilTime(time, zone);
    const date = `${civil.year}-${civil.month}-${civil.day}`;
    const lastDay = daysInMonth(civil.year, civil.month);
    const isDay =
      frequency === "daily" ||
      (frequency === "weekly" && weekdayOf(civil) === weekdayOf(wanted)) ||
      (frequency === "monthly" && civil.day === Math.min(wanted.day, lastDay)) ||
      (frequency === "last" && civil.day === lastDay);
    const isDue =
      frequency === "hourly"
        ? (time - start) % (60 * MINUTE_MS) === 0
        : isDay && civil.hour === wanted.hour && civil.minute === wanted.minute && !seen.has(date);
    if (!isDue || time < start) continue;
    seen.add(date);
    if (!isWorkdaysOnly || ![0, 6].includes(weekdayOf(civil))) found.push(time);
  }
  return found;
}

/** Reports whether a zone skips the schedule's time of day between two times. */
function skipsTime({ start, zone }: Schedule, from: number, to: number): boolean {
  const { hour, minute } = civilTime(start, zone);
  const wanted = hour * 60 + minute;
  const minuteOfDay = (time: number): number => {
    const civil = civilTime(time, zone);
    return civil.hour * 60 + civil.minute;
  };
  for (let time = from; time <= to; time += 30 * MINUTE_MS) {
    const [before, after] = [minuteOfDay(time), minuteOfDay(time + 30 * MINUTE_MS)];
    if (after - before > 30 && wanted >= before && wanted < after) return true;
    // A change at midnight skips the beginning of a day.
    if (after < before && after >= 30 && wanted < after) return true;
  }
  return false;
}

test("the times of a schedule are those that a walk over all minutes finds", () => {
  const start = fc
    .integer({ min: at("2023-01-01T00:00Z") / MINUTE_MS, max: at("2026-12-31T00:00Z") / MINUTE_MS })
    .map((minutes) => minutes * MINUTE_MS);
  fc.assert(
    fc.property(
      start,
      fc.constantFrom(...ZONES),
      fc.constantFrom<Frequency>("hourly", "daily", "weekly", "monthly", "last"),
      fc.boolean(),
      fc.integer({ min: 0, max: 400 }),
      (first, zone, frequency, isWorkdaysOnly, later) => {
        const given: Schedule = { frequency, start: first, zone, isWorkdaysOnly };
        const from = first + later * DAY_MS;
        const to = from + 6 * DAY_MS;
        fc.pre(frequency === "hourly" || !skipsTime(given, from - DAY_MS, to + DAY_MS));
        const expected = byMinutes(given, from, to);
        const found: number[] = [];
        for (let time = nextTime(given, from - 1); time !== undefined && time <= to; time = nextTime(given, time))
          found.push(time);
        expect(found).toEqual(expected);
        if (expected.length > 0) expect(previousTime(given, to)).toBe(expected.at(-1));
      },
    ),
    { numRuns: 60 },
  );
});

test("a later time is never before an earlier one, and previousTime() undoes nextTime()", () => {
  const unit = fc.constantFrom("hours", "days", "weeks", "months");
  fc.assert(
    fc.property(
      fc.integer({ min: at("1990-01-01T00:00Z"), max: at("2040-01-01T00:00Z") }),
      fc.constantFrom(...ZONES),
      fc.record({ amount: fc.integer({ min: 1, max: 1000 }), unit }),
      fc.boolean(),
      fc.integer({ min: 0, max: 20_000 }),
      (start, zone, interval, isWorkdaysOnly, later) => {
        const given: Schedule = { frequency: "custom", start, zone, isWorkdaysOnly, interval };
        const after = start + later * DAY_MS;
        const next = nextTime(given, after);
        if (next === undefined) return;
        expect(next).toBeGreaterThan(after);
        expect(previousTime(given, next)).toBe(next);
        const before = previousTime(given, next - 1);
        if (before !== undefined) expect(nextTime(given, before)).toBe(next);
        if (isWorkdaysOnly) expect([0, 6]).not.toContain(weekdayOf(civilTime(next, zone)));
      },
    ),
    { numRuns: 300 },
  );
});

test("a daily report keeps its time of day over clock changes, and is sent once on each day", () => {
  const nine = schedule("daily", "2026-03-27T08:00Z");
  expect(times(nine, "2026-03-27T09:00Z", 3)).toEqual(["2026-03-28T08:00", "2026-03-29T07:00", "2026-03-30T07:00"]);
  // The clocks skip from 2:00 to 3:00, so 2:30 is at 3:30.
  const skipped = schedule("daily", "2026-03-27T01:30Z");
  expect(times(skipped, "2026-03-28T12:00Z", 2)).toEqual(["2026-03-29T01:30", "2026-03-30T00:30"]);
  // 2:30 occurs twice: the first is used.
  const twice = schedule("daily", "2026-10-23T00:30Z");
  expect(times(twice, "2026-10-24T12:00Z", 2)).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
});

test("hours are elapsed time, also over a clock change", () => {
  expect(times(schedule("hourly", "2026-03-29T00:15Z"), "2026-03-29T00:15Z", 3)).toEqual([
    "2026-03-29T01:15",
    "2026-03-29T02:15",
    "2026-03-29T03:15",
  ]);
});

test("a month without the day uses its last day, and the day of the month can differ from that of the start", () => {
  const monthly = schedule("monthly", "2026-01-31T10:00Z");
  expect(times(monthly, "2026-01-31T10:00Z", 3)).toEqual(["2026-02-28T10:00", "2026-03-31T09:00", "2026-04-30T09:00"]);
  const fifth = schedule("monthly", "2026-01-10T10:00Z", { dayOfMonth: 5 });
  expect(times(fifth, "2026-01-01T00:00Z", 2)).toEqual(["2026-02-05T10:00", "2026-03-05T10:00"]);
});

test("nothing is due after the end, for `never`, after `once`, or if each time is on a weekend", () => {
  const daily = schedule("daily", "2026-05-01T10:00Z", { end: at("2026-05-03T10:00Z") });
  expect(times(daily, "2026-04-01T00:00Z", 9)).toEqual(["2026-05-01T10:00", "2026-05-02T10:00", "2026-05-03T10:00"]);
  expect(times(schedule("never", "2026-05-01T10:00Z"), "2026-04-01T00:00Z", 9)).toEqual([]);
  expect(times(schedule("once", "2026-05-01T10:00Z"), "2026-04-01T00:00Z", 9)).toEqual(["2026-05-01T10:00"]);
  const interval = { amount: 168, unit: "hours" } as const;
  const saturdays = schedule("custom", "2026-05-02T10:00Z", { zone: "UTC", isWorkdaysOnly: true, interval });
  expect(times(saturdays, "2026-04-01T00:00Z", 9)).toEqual([]);
});

test("extreme times end", () => {
  for (const frequency of ["hourly", "daily", "monthly"] as const) {
    const given = schedule(frequency, "2026-05-01T10:00Z", { start: 8.64e15 });
    expect([nextTime(given, 0), previousTime(given, 8.64e15)]).toEqual([undefined, undefined]);
    expect(nextTime(schedule(frequency, "0001-01-01T00:00Z"), at("2026-05-01T10:00Z"))).toBeGreaterThan(0);
  }
});
