import { expect, test } from "vitest";
import { stepSeconds } from "./panel.ts";

const hourMs = 3_600_000;

test.each([
  ["low", hourMs, 36],
  ["medium", hourMs, 14],
  ["high", hourMs, 4],
  ["medium", 60_000, 1],
  ["high", 365 * 24 * hourMs, 42_048],
] as const)("an automatic %s resolution over %i ms is %i s", (density, rangeMs, step) => {
  expect(stepSeconds({ type: "auto", density }, rangeMs)).toBe(step);
});

test("a selected resolution does not depend on the range", () => {
  expect(stepSeconds({ type: "fixed", stepSeconds: 60 }, hourMs)).toBe(60);
  expect(stepSeconds({ type: "custom", stepSeconds: 0.5 }, 365 * hourMs)).toBe(0.5);
});
