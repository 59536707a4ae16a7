import { expect, test } from "vitest";
import { restoredActiveAt } from "./restore.ts";

const MINUTE = 60_000;
const GRACE = 10 * MINUTE;

test("restoredActiveAt() lets an alert fire immediately if its time of `for` was over before the outage", () => {
  expect(restoredActiveAt(0, 30 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(0);
});

test("restoredActiveAt() gives an almost-firing alert the grace period", () => {
  expect(restoredActiveAt(0, 25 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(20 * MINUTE);
});

test("otherwise restoredActiveAt() does not count the time of the outage", () => {
  expect(restoredActiveAt(0, 5 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(35 * MINUTE);
});
