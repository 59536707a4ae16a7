import { expect, test } from "vitest";
import { drawnOptions, LIST_HEIGHT, movedIndex, OPTION_HEIGHT, scrollTopFor } from "./option-window.ts";

test("if there are ten thousand options, only the visible ones are drawn", () => {
  expect(drawnOptions(0, 10_000)).toEqual({ from: 0, to: 15 });
  const { from, to } = drawnOptions(5000 * OPTION_HEIGHT, 10_000);
  expect(from).toBeLessThanOrEqual(5000);
  expect(to - from).toBeLessThan(30);
  expect(drawnOptions(320_000, 3)).toEqual({ from: 3, to: 3 });
  expect(drawnOptions(0, 0)).toEqual({ from: 0, to: 0 });
});

test("the list scrolls to an option only as far as necessary", () => {
  expect(scrollTopFor(0, 500)).toBe(0);
  expect(scrollTopFor(1, 0)).toBe(0);
  expect(scrollTopFor(100, 0)).toBe(101 * OPTION_HEIGHT - LIST_HEIGHT + 2);
});

test("arrow keys wrap around, page keys stop at the ends, and other keys do nothing", () => {
  expect(movedIndex("ArrowDown", 2, 3)).toBe(0);
  expect(movedIndex("ArrowUp", 0, 3)).toBe(2);
  expect(movedIndex("PageDown", 0, 3)).toBe(2);
  expect(movedIndex("PageUp", 2, 30)).toBe(0);
  expect(movedIndex("a", 0, 3)).toBeUndefined();
  expect(movedIndex("constructor", 0, 3)).toBeUndefined();
  expect(movedIndex("ArrowDown", 0, 0)).toBeUndefined();
});
