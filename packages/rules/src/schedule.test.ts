import { expect, test } from "vitest";
import { nextSlot, slotBefore, slotOffset } from "./schedule.ts";

test("slotOffset() is within the interval, and differs between groups", () => {
  const offsets = ["a", "b", "c"].map((name) => slotOffset("rules.yml", name, 60_000));
  expect(new Set(offsets).size).toBe(3);
  for (const offset of offsets) expect(offset >= 0n && offset < 60_000_000_000n).toBe(true);
});

test("slotBefore() returns the slot at or before a time", () => {
  const offset = 5_000_000_000n;
  expect(slotBefore(125_000, offset, 60_000)).toBe(125_000);
  expect(slotBefore(124_999, offset, 60_000)).toBe(65_000);
});

test("nextSlot() returns the number of slots that a slow evaluation missed", () => {
  expect(nextSlot(0, 10, 100)).toEqual({ at: 100, missed: 0 });
  expect(nextSlot(0, 150, 100)).toEqual({ at: 100, missed: 0 });
  expect(nextSlot(0, 350, 100)).toEqual({ at: 300, missed: 2 });
});
