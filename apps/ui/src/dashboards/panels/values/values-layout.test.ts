import fc from "fast-check";
import { expect, test } from "vitest";
import { layoutValues } from "./values-layout.ts";

const grid = { orientation: "auto", isGrid: true } as const;

test("layoutValues() makes the boxes of a grid as large as possible", () => {
  expect(layoutValues(1, { width: 300, height: 100 }, grid)).toMatchObject({ columns: 1, rows: 1, width: 300 });
  expect(layoutValues(4, { width: 208, height: 208 }, grid)).toEqual({
    columns: 2,
    rows: 2,
    width: 100,
    height: 100,
    scrolls: false,
  });
  expect(layoutValues(3, { width: 900, height: 100 }, grid)).toMatchObject({ columns: 3, rows: 1 });
  expect(layoutValues(3, { width: 100, height: 900 }, grid)).toMatchObject({ columns: 1, rows: 3 });
});

test("layoutValues() places values side by side or below each other as the options say", () => {
  const room = { width: 400, height: 200 };
  expect(layoutValues(5, room, { ...grid, orientation: "horizontal" })).toMatchObject({ columns: 1, rows: 5 });
  expect(layoutValues(5, room, { ...grid, orientation: "vertical" })).toMatchObject({ columns: 5, rows: 1 });
  expect(layoutValues(5, room, { ...grid, isGrid: false })).toMatchObject({ columns: 5, rows: 1 });
  expect(layoutValues(5, { width: 200, height: 400 }, { ...grid, isGrid: false })).toMatchObject({ rows: 5 });
});

test("layoutValues() scrolls instead of making boxes smaller than their minimum, and leaves room for the scroll bar", () => {
  const settings = { ...grid, orientation: "horizontal", minHeight: 16, maxHeight: 30 } as const;
  const layout = layoutValues(100, { width: 200, height: 100 }, settings);
  expect(layout).toMatchObject({ height: 16, scrolls: true });
  expect(layout.width).toBeLessThan(200);
  expect(layoutValues(2, { width: 200, height: 400 }, settings)).toMatchObject({ height: 30, scrolls: false });
});

test("layoutValues() keeps every box inside the panel, unless it scrolls", () =>
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 3000 }),
      (count, width, height) => {
        const { columns, rows, scrolls, ...box } = layoutValues(count, { width, height }, grid);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(Math.min(box.width, box.height)).toBeGreaterThan(0);
        if (scrolls) return;
        expect(box.width * columns + 8 * (columns - 1)).toBeLessThanOrEqual(width + 1);
        expect(box.height * rows + 8 * (rows - 1)).toBeLessThanOrEqual(height + 1);
      },
    ),
  ));
