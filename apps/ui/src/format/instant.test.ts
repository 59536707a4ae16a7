import { formatTime, timeFormats } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { formatInstant, formatInstantWithZone, formatRelative, parseApiTime, parseInstant } from "./instant.ts";

const unixMs = Date.UTC(2025, 0, 2, 3, 4, 5);

test("a time in UTC is formatted and parsed without the browser's zone", () => {
  expect(formatInstant(unixMs, "UTC")).toBe("2025-01-02 03:04:05");
  expect(parseInstant("2025-01-02 03:04:05", "UTC")).toBe(unixMs);
  expect(parseInstant("2025-01-02T03:04", "UTC")).toBe(unixMs - 5000);
});

test("parsing a formatted time of a zone returns the same time", () => {
  for (const zone of ["Asia/Tokyo", "America/St_Johns", "Etc/UTC"]) {
    expect(parseInstant(formatInstant(unixMs, zone), zone)).toBe(unixMs);
  }
});

test("a time in the hour that a zone skips when its clocks go forward is invalid", () => {
  const zone = "Europe/Berlin";
  expect(formatInstant(Date.UTC(2025, 6, 1), zone)).toBe("2025-07-01 02:00:00");
  expect(formatInstantWithZone(Date.UTC(2025, 6, 1), zone)).toBe("2025-07-01 02:00:00 +02:00");
  expect(parseInstant("2025-01-01 00:30:00", zone)).toBe(Date.UTC(2024, 11, 31, 23, 30));
  expect(parseInstant("2025-03-30 02:30:00", zone)).toBeNull();
  expect(formatInstantWithZone(Date.UTC(2025, 0, 1), "America/St_Johns")).toBe("2024-12-31 20:30:00 -03:30");
});

test("dashboards and all other pages format a time in the same way", () => {
  for (const zone of ["UTC", "Asia/Tokyo", "America/St_Johns", "Europe/Berlin"])
    for (const ms of [0, unixMs, Date.UTC(2025, 2, 30, 1), Date.UTC(2025, 9, 26, 0, 59, 59), -1])
      expect(formatInstant(ms, zone)).toBe(formatTime(ms, zone, timeFormats.fullDate));
});

test("a time outside the calendar is not formatted as a date", () => {
  expect(formatInstant(9e15, "UTC")).toBe("Invalid Date");
});

test.each(["", "now", "2025-13-01 00:00:00", "2025-02-30 00:00:00", "2025-01-02"])("%j is not a valid time", (text) => {
  expect(parseInstant(text, "UTC")).toBeNull();
});

test("a time is formatted with its milliseconds and its zone", () => {
  expect(formatInstantWithZone(unixMs, "UTC")).toBe("2025-01-02 03:04:05 UTC");
  expect(formatInstantWithZone(unixMs + 60, "UTC")).toBe("2025-01-02 03:04:05.060 UTC");
});

test("Go's zero time counts as no time", () => {
  expect(parseApiTime("0001-01-01T00:00:00Z")).toBeNull();
  expect(parseApiTime(undefined)).toBeNull();
  expect(parseApiTime("2025-01-02T03:04:05.5Z")).toBe(unixMs + 500);
});

test.each([
  [null, "never"],
  [unixMs - 500, "just now"],
  [unixMs - 5312, "5.3s ago"],
  [unixMs - 3_660_000, "1h 1m ago"],
  [unixMs + 120_000, "in 2m"],
])("formatRelative(%s) is %s", (at, text) => {
  expect(formatRelative(at, unixMs)).toBe(text);
});
