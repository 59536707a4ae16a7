import { expect, test } from "vitest";
import { countStates } from "./state-counts.ts";

test("every known state has its number, 0 included", () => {
  expect(countStates(["up", "down", "unknown"], ["up", "down", "up"])).toEqual({ up: 2, down: 1, unknown: 0 });
});
