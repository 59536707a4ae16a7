import { expect, test } from "vitest";
import { countStates } from "./state-counts.ts";

test("every known state has a count, even if it is 0", () => {
  expect(countStates(["up", "down", "unknown"], ["up", "down", "up"])).toEqual({ up: 2, down: 1, unknown: 0 });
});

test("the counts of unknown states are unknown", () => {
  expect(countStates(["up", "down"], undefined)).toBeUndefined();
});
