import { expect, test } from "vitest";
import { drawnOptions, LIST_HEIGHT, movedPlace, OPTION_HEIGHT, scrollTopFor } from "./option-window.ts";

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
  expect(movedPlace("ArrowDown", 2, 3)).toBe(0);
  expect(movedPlace("ArrowUp", 0, 3)).toBe(2);
  expect(movedPlace("PageDown", 0, 3)).toBe(2);
  expect(movedPlace("PageUp", 2, 30)).toBe(0);
  expect(movedPlace("a", 0, 3)).toBeUndefined();
  expect(movedPlace("constructor", 0, 3)).toBeUndefined();
  expect(movedPlace("ArrowDown", 0, 0)).toBeUndefined();
});
