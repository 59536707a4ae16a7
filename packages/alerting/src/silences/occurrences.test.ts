import { decodeYaml } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextOccurrences } from "./occurrences.ts";
import { containsTime, type TimeInterval } from "../routing/time-interval.ts";
import { timeIntervalSection } from "../routing/time-interval-section.ts";

function interval(...spans: string[]): TimeInterval {
  const decoded = decodeYaml(`name: t\ntime_intervals: [${spans.join(", ")}]`, "t", timeIntervalSection);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.value;
}

const next = (wanted: TimeInterval, from: string, count = 2): string[] =>
  nextOccurrences(wanted, Date.parse(from), count).map(({ startsAt, endsAt }) =>
    [startsAt, endsAt].map((ms) => new Date(ms).toISOString().replace(":00.000Z", "Z")).join(" "),
  );

test.each([
  [
    "every Sunday in Berlin, whose clocks go forward on one",
    ["{weekdays: [sunday], location: Europe/Berlin}"],
    "2026-03-25T00:00:00Z",
    ["2026-03-28T23:00Z 2026-03-29T22:00Z", "2026-04-04T22:00Z 2026-04-05T22:00Z"],
  ],
  [
    "… and back on another; the current one counts",
    ["{weekdays: [sunday], location: Europe/Berlin}"],
    "2026-10-25T12:00:00Z",
    ["2026-10-24T22:00Z 2026-10-25T23:00Z", "2026-10-31T23:00Z 2026-11-01T23:00Z"],
  ],
  [
    "the hour that is left out does not occur",
    ["{times: [{start_time: '02:00', end_time: '03:00'}], location: Europe/Berlin}"],
    "2026-03-28T01:30:00Z",
    ["2026-03-28T01:00Z 2026-03-28T02:00Z", "2026-03-30T00:00Z 2026-03-30T01:00Z"],
  ],
  [
    "the hour that comes twice is one occurrence of two hours",
    ["{times: [{start_time: '02:00', end_time: '03:00'}], location: Europe/Berlin}"],
    "2026-10-24T12:00:00Z",
    ["2026-10-25T00:00Z 2026-10-25T02:00Z", "2026-10-26T01:00Z 2026-10-26T02:00Z"],
  ],
  [
    "an evening and the night after it are one",
    [
      "{weekdays: [friday], times: [{start_time: '22:00', end_time: '24:00'}]}",
      "{weekdays: [saturday], times: [{start_time: '00:00', end_time: '06:00'}]}",
    ],
    "2026-11-20T00:00:00Z",
    ["2026-11-20T22:00Z 2026-11-21T06:00Z", "2026-11-27T22:00Z 2026-11-28T06:00Z"],
  ],
  [
    "the last day of the month",
    ["{days_of_month: ['-1']}"],
    "2028-02-01T00:00:00Z",
    ["2028-02-29T00:00Z 2028-03-01T00:00Z", "2028-03-31T00:00Z 2028-04-01T00:00Z"],
  ],
  [
    "the 29th of February",
    ["{months: [february], days_of_month: ['29']}"],
    "2026-01-01T00:00:00Z",
    ["2028-02-29T00:00Z 2028-03-01T00:00Z"],
  ],
  ["years that are gone", ["{years: ['2020:2025']}"], "2026-01-01T00:00:00Z", []],
])("%s", (_, spans, from, wanted) => {
  expect(next(interval(...spans), from)).toEqual(wanted);
});

test("a moment is in an occurrence exactly when the interval contains it", () => {
  const locations = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", ""];
  const range = (max: number) =>
    fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max })).map(([a, b]) => ({
      from: Math.min(a, b),
      to: Math.max(a, b) + 1,
    }));
  const span = fc.record({
    times: fc.array(range(1439), { maxLength: 2 }),
    weekdays: fc.array(range(5), { maxLength: 1 }),
    daysOfMonth: fc.array(
      range(20).map(({ from, to }) => ({ from: from + 1, to: to + 1 })),
      { maxLength: 1 },
    ),
    months: fc.constant([]),
    years: fc.constant([]),
    location: fc.constantFrom(...locations),
  });
  const start = Date.UTC(2026, 2, 1);
  fc.assert(
    fc.property(
      fc.array(span, { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 0, max: 300 * 24 * 60 }),
      (spans, minute) => {
        const wanted = { name: "t", spans };
        const now = start + minute * 60_000;
        const found = nextOccurrences(wanted, now, 3);
        expect(found[0] !== undefined && found[0].startsAt <= now).toBe(containsTime(wanted, now));
        for (const { startsAt, endsAt } of found) {
          expect([startsAt - 1, startsAt, endsAt - 1, endsAt].map((ms) => containsTime(wanted, ms))).toEqual(
            endsAt - startsAt > 62 * 86_400_000 ? expect.anything() : [false, true, true, false],
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});
