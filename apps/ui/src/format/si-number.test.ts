import { expect, test } from "vitest";
import { formatBytes, formatCount, formatSi, formatTicks } from "./si-number.ts";

test.each([
  [0, "0"],
  [1, "1"],
  [1234, "1.23k"],
  [-1_500_000, "-1.5M"],
  [0.0025, "2.5m"],
  [2e9, "2G"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [1e-12, "1.00e-12"],
])("formatSi(%d) is %s", (value, text) => {
  expect(formatSi(value, 2)).toBe(text);
});

test("ticks get enough decimals to be different from each other", () => {
  expect(formatTicks([0, 50, 100])).toEqual(["0", "50", "100"]);
  expect(formatTicks([1000, 1001, 1002])).toEqual(["1k", "1.001k", "1.002k"]);
  expect(new Set(formatTicks([1e9, 1e9 + 100, 1e9 + 200])).size).toBe(3);
});

test("counts have digit groups, and bytes have binary units", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
  expect(formatBytes(512)).toBe("512 B");
  expect(formatBytes(1536)).toBe("1.5 KiB");
});
