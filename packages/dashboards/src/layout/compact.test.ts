import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GridPosition } from "../model/dashboard.ts";
import { compact } from "./compact.ts";
import { addItem, moveItem, resizeItem } from "./edit.ts";
import { type GridItem, inReadingOrder } from "./placed-panel.ts";

const item = (key: string, x: number, y: number, w: number, h: number): GridItem => ({ key, position: { x, y, w, h } });

function overlaps(a: GridPosition, b: GridPosition): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/**
 * Reference implementation: Grafana's original algorithm, which compares each item with all items that were placed
 * before.
 */
function compactSlowly(items: readonly GridItem[]): GridItem[] {
  const placed: GridItem[] = [];
  let bottom = 0;
  for (const { key, position } of items.toSorted(
    (a, b) => a.position.y - b.position.y || a.position.x - b.position.x,
  )) {
    const candidate = { ...position, y: Math.min(position.y, bottom) };
    const hit = (): GridItem | undefined => placed.find((other) => overlaps(other.position, candidate));
    while (candidate.y > 0 && hit() === undefined) candidate.y--;
    for (let other = hit(); other !== undefined; other = hit()) candidate.y = other.position.y + other.position.h;
    placed.push({ key, position: candidate });
    bottom = Math.max(bottom, candidate.y + candidate.h);
  }
  return placed;
}

const items = fc
  .array(
    fc.record({
      x: fc.nat(23),
      y: fc.nat(30),
      w: fc.integer({ min: 1, max: 24 }),
      h: fc.integer({ min: 1, max: 8 }),
    }),
    { maxLength: 25 },
  )
  .map((positions) => positions.map(({ x, y, w, h }, i) => item(`panel-${i}`, Math.min(x, 24 - w), y, w, h)));

describe("compact()", () => {
  test("moves items up until they touch others", () => {
    const moved = compact([item("c", 0, 20, 24, 4), item("a", 0, 3, 12, 4), item("b", 12, 9, 12, 8)]);
    expect(moved.map(({ key, position }) => [key, position.y])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 8],
    ]);
  });

  test("gives the same result as the original grid's algorithm", () =>
    fc.assert(
      fc.property(items, (list) => {
        expect(compact(list)).toEqual(compactSlowly(list));
      }),
    ));

  test("leaves no overlap, and a second run changes nothing", () =>
    fc.assert(
      fc.property(items, (list) => {
        const once = compact(list);
        for (const [i, a] of once.entries())
          for (const b of once.slice(i + 1)) expect(overlaps(a.position, b.position)).toBe(false);
        expect(compact(once)).toEqual(inReadingOrder(once));
      }),
    ));

  test("handles 10,000 items at the same position", () => {
    const list = Array.from({ length: 10_000 }, (_, i) => item(`panel-${i}`, 0, 0, 6, 2));
    expect(compact(list).at(-1)?.position.y).toBe(19_998);
  });

  test("moves items outside of the grid into it", () => {
    expect(compact([item("a", 30, -5, 99, 0)])[0]?.position).toEqual({ x: 0, y: 0, w: 24, h: 1 });
  });
});

describe("dragged items", () => {
  const list = [item("a", 0, 0, 12, 4), item("b", 12, 0, 12, 4), item("c", 0, 4, 24, 4)];
  const places = (moved: readonly GridItem[]): unknown =>
    Object.fromEntries(moved.map(({ key, position: { x, y, w, h } }) => [key, [x, y, w, h]]));

  test("moveItem() moves displaced items down, and moves items up if the dragged item was above them before", () => {
    expect(places(moveItem(list, "c", { x: 0, y: 0 }))).toEqual({
      c: [0, 0, 24, 4],
      a: [0, 4, 12, 4],
      b: [12, 4, 12, 4],
    });
    expect(places(moveItem(list, "a", { x: 12, y: 0 }))).toEqual({
      a: [12, 0, 12, 4],
      b: [12, 4, 12, 4],
      c: [0, 8, 24, 4],
    });
    expect(places(moveItem(list, "a", { x: 0, y: 5 }))).toEqual({
      b: [12, 0, 12, 4],
      c: [0, 4, 24, 4],
      a: [0, 8, 12, 4],
    });
    expect(places(moveItem(list, "a", { x: 99, y: -3 }))).toEqual({
      a: [12, 0, 12, 4],
      b: [12, 4, 12, 4],
      c: [0, 8, 24, 4],
    });
    expect(moveItem(list, "nobody", { x: 0, y: 0 })).toEqual(list);
  });

  test("moveItem() displaces an item to the left that reaches into the new position", () => {
    const wide = [item("a", 0, 0, 24, 2), item("b", 0, 2, 6, 2)];
    expect(places(moveItem(wide, "b", { x: 10, y: 0 }))).toEqual({ b: [10, 0, 6, 2], a: [0, 2, 24, 2] });
  });

  test("resizeItem() pushes down the items that it covers, and stays within the grid", () => {
    expect(places(resizeItem(list, "a", { w: 24, h: 6 }))).toEqual({
      a: [0, 0, 24, 6],
      b: [12, 6, 12, 4],
      c: [0, 10, 24, 4],
    });
    expect(places(resizeItem(list, "b", { w: 99, h: 0 }))).toEqual({
      a: [0, 0, 12, 4],
      b: [12, 0, 12, 2],
      c: [0, 4, 24, 4],
    });
  });

  test("addItem() leaves no gaps", () => {
    expect(places(addItem(list, item("n", 0, 0, 12, 2)))).toEqual({
      n: [0, 0, 12, 2],
      a: [0, 2, 12, 4],
      b: [12, 0, 12, 4],
      c: [0, 6, 24, 4],
    });
  });
});
