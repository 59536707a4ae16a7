import fc from "fast-check";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { CoverageMask } from "./coverage-mask.ts";

const SIDE = 16;
const WHITE = { r: 255, g: 255, b: 255 };
const coordinate = fc.double({ min: -8, max: SIDE + 8, noNaN: true });

/** Paints white polygons on black. Returns the coverage of all pixels together, in pixels. */
function painted(corners: readonly (readonly [number, number])[]): number {
  const mask = new CoverageMask(SIDE, SIDE);
  const pixels = new Uint8Array(3 * SIDE * SIDE);
  mask.begin(0, SIDE);
  corners.forEach(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length]!;
    mask.edge(x, y, nextX, nextY);
  });
  runToEnd(mask.paintOn(pixels, WHITE, 1));
  return pixels.reduce((sum, value) => sum + value, 0) / 3 / 255;
}

test("the coverage of a triangle inside of the picture is its area", () => {
  const inside = fc.double({ min: 0, max: SIDE, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(inside, inside), fc.tuple(inside, inside), fc.tuple(inside, inside), (a, b, c) => {
      const area = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
      // Each pixel is rounded to 1/255, and coverage below 1/512 is left out.
      expect(Math.abs(painted([a, b, c]) - area)).toBeLessThan(0.6);
    }),
  );
});

test("a rectangle that is partly outside is cut at the border", () =>
  fc.assert(
    fc.property(coordinate, coordinate, coordinate, coordinate, (x1, y1, x2, y2) => {
      const cut = (value: number): number => Math.min(SIDE, Math.max(0, value));
      const area = Math.abs((cut(x2) - cut(x1)) * (cut(y2) - cut(y1)));
      const corners = [
        [x1, y1],
        [x2, y1],
        [x2, y2],
        [x1, y2],
      ] as const;
      expect(Math.abs(painted(corners) - area)).toBeLessThan(0.6);
    }),
  ));

test("polygons that overlap cover a pixel once, and the mask is empty after painting", () => {
  const mask = new CoverageMask(4, 4);
  const pixels = new Uint8Array(48);
  mask.begin(0, 4);
  for (let i = 0; i < 3; i++) {
    mask.edge(1, 1, 1, 3);
    mask.edge(3, 3, 3, 1);
  }
  runToEnd(mask.paintOn(pixels, { r: 200, g: 100, b: 50 }, 0.5));
  runToEnd(mask.paintOn(pixels, WHITE, 1));
  expect([...pixels.subarray(15, 18)]).toEqual([100, 50, 25]);
  expect(pixels.filter((value) => value > 0)).toHaveLength(12);
});

test("edges without a length, and of infinite length, are ignored", () => {
  expect(
    painted([
      [NaN, 1],
      [3, NaN],
      [Infinity, 8],
      [2, -Infinity],
    ]),
  ).toBe(0);
});

test("a large area is painted in many steps", () => {
  const [width, height] = [1000, 655];
  const mask = new CoverageMask(width, height);
  mask.begin(0, height);
  mask.edge(0, 0, 0, height);
  mask.edge(width, height, width, 0);
  const pixels = new Uint8Array(3 * width * height);
  const steps = mask.paintOn(pixels, WHITE, 1);
  let count = 0;
  while (steps.next().done !== true) count++;
  expect(count).toBeGreaterThanOrEqual(9);
  expect(pixels.every((value) => value === 255)).toBe(true);
});
