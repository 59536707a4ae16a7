import * as fc from "fast-check";
import { expect, test } from "vitest";
import { containsTime, type Range, type TimeSpan } from "./time-interval.ts";

const DAY_MS = 86_400_000;
const [FIRST_MS, LAST_MS] = [Date.UTC(2000, 0, 1), Date.UTC(2024, 0, 1)];

/** Zones of both hemispheres whose clocks change by an hour, by half an hour, by a day, or not at all. */
const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "America/St_Johns",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Asia/Pyongyang",
  "Pacific/Apia",
];

/** Local time in a time zone, computed with Intl.DateTimeFormat. */
interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minute: number;
}

const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    }),
  ]),
);

function localTime(zone: string, ms: number): LocalTime {
  const parts = formats.get(zone)!.formatToParts(ms);
  const numberOf = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return {
    year: numberOf("year"),
    month: numberOf("month"),
    day: numberOf("day"),
    minute: numberOf("hour") * 60 + numberOf("minute"),
  };
}

/** Days on which the UTC offset of a time zone changes, in Unix ms. */
const changes = ZONES.flatMap((zone) => {
  const offsetAt = (ms: number): number => {
    const { year, month, day, minute } = localTime(zone, ms);
    return Date.UTC(year, month - 1, day, 0, minute) - ms;
  };
  const found: { readonly zone: string; readonly dayMs: number }[] = [];
  for (let ms = FIRST_MS; ms < LAST_MS; ms += DAY_MS)
    if (offsetAt(ms) !== offsetAt(ms + DAY_MS)) found.push({ zone, dayMs: ms });
  return found;
});

/**
 * Reference implementation for the test: checks the local minute, weekday, day, month and year of a time separately.
 */
function reference(span: TimeSpan, ms: number): boolean {
  const { year, month, day, minute } = localTime(span.location, ms);
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const fromStart = (value: number): number => (value < 0 ? days + value + 1 : value);
  const has = (ranges: readonly Range[], shown: number): boolean =>
    ranges.length === 0 || ranges.some(({ from, to }) => from <= shown && shown <= to);
  return (
    has(
      span.times.map(({ from, to }) => ({ from, to: to - 1 })),
      minute,
    ) &&
    has(span.weekdays, weekday) &&
    has(
      span.daysOfMonth.map(({ from, to }) => ({ from: fromStart(from), to: fromStart(to) })),
      day,
    ) &&
    has(span.months, month) &&
    has(span.years, year)
  );
}

const rangesOf = (min: number, max: number, least = 0): fc.Arbitrary<Range[]> =>
  fc.array(
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .filter(([a, b]) => Math.abs(a - b) >= least)
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
    { maxLength: 2 },
  );

const daysOfMonth = fc.array(
  fc.oneof(
    rangesOf(1, 31).filter(({ length }) => length === 1),
    rangesOf(-31, -1).filter(({ length }) => length === 1),
    fc.tuple(fc.integer({ min: 1, max: 31 }), fc.integer({ min: -31, max: -1 })).map(([from, to]) => [{ from, to }]),
  ),
  { maxLength: 2 },
);

const moments = fc.oneof(
  fc.record({ location: fc.constantFrom(...ZONES), ms: fc.integer({ min: FIRST_MS, max: LAST_MS }) }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }))
    .map(([{ zone, dayMs }, after]) => ({ location: zone, ms: dayMs + after })),
);

const spans = fc.record({
  times: rangesOf(0, 1440, 1),
  weekdays: rangesOf(0, 6),
  daysOfMonth: daysOfMonth.map((lists) => lists.flat()),
  months: rangesOf(1, 12),
  years: rangesOf(1999, 2025),
});

test("an interval is active when the local time of its zone matches, also around changes of the clocks", () => {
  const verdicts = [0, 0];
  fc.assert(
    fc.property(spans, moments, (parts, { location, ms }) => {
      // Tests each field separately too, because most spans with all five fields never match.
      const none = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [] };
      const single = Object.entries(parts).map(([name, ranges]): TimeSpan => ({ ...none, location, [name]: ranges }));
      for (const span of [{ ...parts, location }, ...single]) {
        const expected = reference(span, ms);
        verdicts[Number(expected)]!++;
        expect(containsTime({ name: "n", spans: [span] }, ms), `${JSON.stringify(span)} at ${ms}`).toBe(expected);
      }
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(...verdicts)).toBeGreaterThan(100);
});
