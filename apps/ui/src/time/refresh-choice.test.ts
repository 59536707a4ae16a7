import { expect, test } from "vitest";
import { applyRefreshChoice, isRefreshChoice, refreshIntervals } from "./refresh-choice.ts";
import { Refresh } from "./refresh.ts";

test.each([
  ["auto", 15_000],
  ["off", false],
  ["5s", 5000],
  ["15m", 900_000],
] as const)("with the choice %s, a query with an interval of 15 s has the interval %j", (choice, intervalMs) => {
  for (const before of ["auto", "off", "1m"] as const) {
    const refresh = new Refresh();
    applyRefreshChoice(refresh, before);
    applyRefreshChoice(refresh, choice);
    expect(refresh.intervalOf(15_000)).toBe(intervalMs);
  }
});

test("a stored choice is used only if it is among the choices", () => {
  expect(isRefreshChoice("5s", refreshIntervals)).toBe(true);
  expect(isRefreshChoice("auto", refreshIntervals)).toBe(false);
  expect(isRefreshChoice("7 days", refreshIntervals)).toBe(false);
});
