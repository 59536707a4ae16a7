import { expect, test } from "vitest";
import { formatInstant, formatInstantWithZone, formatRelative, parseApiTime, parseInstant } from "./instant.ts";

const moment = Date.UTC(2025, 0, 2, 3, 4, 5);

test("an instant in UTC prints and parses without the browser's zone", () => {
  expect(formatInstant(moment, false)).toBe("2025-01-02 03:04:05");
  expect(parseInstant("2025-01-02 03:04:05", false)).toBe(moment);
  expect(parseInstant("2025-01-02T03:04", false)).toBe(moment - 5000);
});

test("local time goes there and back", () => {
  expect(parseInstant(formatInstant(moment, true), true)).toBe(moment);
});

test.each(["", "now", "2025-13-01 00:00:00", "2025-02-30 00:00:00", "2025-01-02"])("%j is no instant", (text) => {
  expect(parseInstant(text, false)).toBeNull();
});

test("the zone and milliseconds stand behind the time", () => {
  expect(formatInstantWithZone(moment, false)).toBe("2025-01-02 03:04:05 UTC");
  expect(formatInstantWithZone(moment + 60, false)).toBe("2025-01-02 03:04:05.060 UTC");
});

test("Go's zero time is no time", () => {
  expect(parseApiTime("0001-01-01T00:00:00Z")).toBeNull();
  expect(parseApiTime(undefined)).toBeNull();
  expect(parseApiTime("2025-01-02T03:04:05.5Z")).toBe(moment + 500);
});

test.each([
  [null, "never"],
  [moment - 500, "just now"],
  [moment - 5312, "5.3s ago"],
  [moment - 3_660_000, "1h 1m ago"],
  [moment + 120_000, "in 2m"],
])("formatRelative(%s) is %s", (at, text) => {
  expect(formatRelative(at, moment)).toBe(text);
});
