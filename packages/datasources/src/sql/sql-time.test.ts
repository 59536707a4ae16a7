import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSqlInterval } from "./sql-interval.ts";
import { parseSqlTime } from "./sql-time.ts";

test.each([
  ["2024-03-31", Date.UTC(2024, 2, 31)],
  ["2024-03-31 01:02:03", Date.UTC(2024, 2, 31, 1, 2, 3)],
  ["2024-03-31 01:02:03.4567", Date.UTC(2024, 2, 31, 1, 2, 3, 456)],
  ["2024-03-31 01:02:03+02", Date.UTC(2024, 2, 30, 23, 2, 3)],
  ["2024-03-31 01:02:03-03:30", Date.UTC(2024, 2, 31, 4, 32, 3)],
  ["1800-01-01 00:00:00+00:53:28", Date.UTC(1799, 11, 31, 23, 6, 32)],
  ["0044-03-15 00:00:00 BC", Date.parse("-000043-03-15T00:00:00Z")],
  ["12024-01-01", Date.UTC(12_024, 0, 1)],
])("%s is a time", (text, ms) => {
  expect(parseSqlTime(text)).toBe(ms);
});

test("a time has the same value in each form in which databases write it", () => {
  const parts = fc.record({
    ms: fc.integer({ min: Date.UTC(101, 0), max: Date.UTC(9999, 0) }),
    micros: fc.integer({ min: 0, max: 999 }),
    offset: fc.constantFrom("", "+00", "+00:00", "Z", "-00"),
  });
  fc.assert(
    fc.property(parts, ({ ms, micros, offset }) => {
      const [date, time] = new Date(ms).toISOString().slice(0, -1).split("T");
      const written = `${time}${String(micros).padStart(3, "0")}${offset}`;
      expect([parseSqlTime(`${date} ${written}`), parseSqlTime(`${date}T${written}`)]).toEqual([ms, ms]);
      expect(parseSqlTime(`${date} ${time!.slice(0, 8)}${offset}`)).toBe(Math.floor(ms / 1000) * 1000);
    }),
  );
});

test.each(["2024-01-01 0a:00:00", "2024-01-01 00:00:00.", "2024-01-01 00:00:00.1234567890", "2024-01-01 00:00:00+0"])(
  "%j is not a time",
  (text) => {
    expect(parseSqlTime(text)).toBeUndefined();
  },
);

test.each(["infinity", "-infinity", "0000-00-00", "0000-00-00 00:00:00", "2024-00-10", "", "10:00:00"])(
  "%j has no time",
  (text) => {
    expect(parseSqlTime(text)).toBeUndefined();
  },
);

test.each([
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  ["100us", 0.1],
  ["1w", 604_800_000],
  ["1M", 29 * 86_400_000],
  ["1y", 366 * 86_400_000],
])("the interval %s has a length", (text, ms) => {
  expect(parseSqlInterval(text, Date.UTC(2024, 2, 31))).toBe(ms);
});

test.each(["", "5", "m", "5x", "5m x", "-5m", "0m"])("%j is not an interval", (text) => {
  expect(parseSqlInterval(text, 0)).toBeUndefined();
});
