import { expect, test } from "vitest";
import { fittedView, panned, viewAfterKey, zoomed } from "./view-box.ts";

const limits = [0.1, 10] as const;
const view = { x: 50, y: 50, scale: 1 };

test("a fitted view shows the whole drawing and is not larger than the drawing", () => {
  expect(fittedView({ width: 200, height: 100 }, { width: 100, height: 100 })).toEqual({ x: 100, y: 50, scale: 0.5 });
  expect(fittedView({ width: 10, height: 10 }, { width: 100, height: 100 }).scale).toBe(1);
});

test("a zoom keeps the point under the pointer and stays within its limits", () => {
  const near = zoomed(view, 2, limits, [20, 0]);
  expect(near.x + 20 / near.scale).toBe(view.x + 20);
  expect(zoomed(view, 1000, limits).scale).toBe(10);
  expect(zoomed(view, 0.0001, limits).scale).toBe(0.1);
});

test("arrow keys move by the same number of pixels at each scale", () => {
  expect(viewAfterKey({ ...view, scale: 2 }, "ArrowRight", limits)).toEqual({ x: 80, y: 50, scale: 2 });
  expect(panned(view, 0, 10)).toEqual({ x: 50, y: 60, scale: 1 });
  expect(viewAfterKey(view, "a", limits)).toBeUndefined();
});
