import { expect, test } from "vitest";
import { formatDuration, humanizeDuration, parseDuration } from "./duration.ts";

test.each([
  ["1h", 3_600_000],
  ["1h30m", 5_400_000],
  ["2w", 1_209_600_000],
  ["1y2w3d4h5m6s7ms", 33_019_506_007],
  ["0", 0],
  ["0s", 0],
  ["250ms", 250],
])("parseDuration(%s) is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "1", "1.5h", "-1h", "1m1h", "1h ", "h", "1hour"])("parseDuration(%j) returns null", (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [0, "0s"],
  [1000, "1s"],
  [5_400_000, "1h30m"],
  [1_209_600_000, "2w"],
  [8 * 86_400_000, "8d"],
  [365 * 86_400_000, "1y"],
  [182 * 86_400_000, "26w"],
  [1500, "1s500ms"],
])("formatDuration(%i) is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("parseDuration reads the output of formatDuration", () => {
  for (const ms of [1, 999, 60_000, 86_399_999, 86_400_000, 777_777_777, 63_072_000_000]) {
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  }
});

test.each([
  [0, "0s"],
  [0.0764, "0.0764ms"],
  [2.314, "2.31ms"],
  [999.9, "1000ms"],
  [5300, "5.3s"],
  [60_000, "1m"],
  [1_379_000, "22m 59s"],
  [3_600_000, "1h"],
  [273_600_000, "3d 4h"],
  [400 * 86_400_000, "1y 35d"],
])("humanizeDuration(%d) is %s", (ms, text) => {
  expect(humanizeDuration(ms)).toBe(text);
});
