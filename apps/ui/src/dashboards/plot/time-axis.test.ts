import { expect, test } from "vitest";
import { textWidth } from "../../plot/plot-theme.ts";
import { tickSpace } from "./time-axis.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test.each([
  ["minutes, if the ticks are a little closer than a minute", 15 * MINUTE, 1100, "00:00"],
  ["seconds", 2 * MINUTE, 1100, "00:00:00"],
  ["days", 14 * DAY, 600, "00/00"],
])("the distance of ticks has room for labels that show %s", (_, span, width, text) => {
  expect(tickSpace(span, width, "UTC", Date.UTC(2026, 0, 1))).toBe(textWidth(text) + 24);
});
