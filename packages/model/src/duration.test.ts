import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatGoDuration, parseDuration, parseGoDuration } from "./duration.ts";

test("parseDuration() inverts formatDuration()", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e15 }).filter((ms) => ms < 9e12),
      (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      },
    ),
  ));

test.each([
  ["90s", "1m30s"],
  ["36h", "1d12h"],
  ["90s500ms", "1m30s500ms"],
  ["100d", "100d"],
  ["14d", "2w"],
  ["365d", "1y"],
  ["0", "0s"],
])("%s prints as %s", (text, printed) => expect(formatDuration(parseDuration(text))).toBe(printed));

test.each([
  ["", "empty duration string"],
  ["abc", 'not a valid duration string: "abc"'],
  ["5x", 'unknown unit "x" in duration "5x"'],
  ["1h1h", 'not a valid duration string: "1h1h"'],
  ["1.5h", 'unknown unit "." in duration "1.5h"'],
  ["-5m", 'not a valid duration string: "-5m"'],
  ["300y", "duration out of range"],
])("%j is refused: %s", (text, message) => expect(() => parseDuration(text)).toThrow(message));

test("formatGoDuration() prints like Go's time.Duration", () => {
  expect([0, 15_000, 60_000, 3_600_000, 1500, 250, 90_061_000].map(formatGoDuration)).toEqual([
    "0s",
    "15s",
    "1m0s",
    "1h0m0s",
    "1.5s",
    "250ms",
    "25h1m1s",
  ]);
});

test.each([
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  ["-10ms", -10],
  ["0", 0],
  ["2us", 0.002],
])("parseGoDuration(%s) is %s ms", (text, ms) => expect(parseGoDuration(text)).toBe(ms));

test.each([
  ["5", 'time: missing unit in duration "5"'],
  ["1m5", 'time: missing unit in duration "1m5"'],
  ["1d", 'time: unknown unit "d" in duration "1d"'],
  ["1 s", 'time: unknown unit " s" in duration "1 s"'],
  ["s", 'time: invalid duration "s"'],
  ["", 'time: invalid duration ""'],
])("parseGoDuration(%s) refuses: %s", (text, message) => expect(() => parseGoDuration(text)).toThrow(message));
