import fc from "fast-check";
import { expect, test } from "vitest";
import { readSource } from "../model/read-dashboard.ts";
import { compact } from "./compact.ts";
import type { PlacedPanel } from "./placed-panel.ts";
import { type PrintedPanel, printedPages } from "./printed-pages.ts";
import { repeatPanels } from "./repeat.ts";

const WIDTH = 1080;
const HEIGHT = 1480;

const placedOf = (panels: readonly object[]): readonly PlacedPanel[] =>
  compact(repeatPanels(readSource({ panels }).dashboard.panels, () => []));

const panel = fc.record({
  type: fc.constantFrom("stat", "row"),
  gridPos: fc.record({
    x: fc.nat(23),
    y: fc.nat(200),
    w: fc.integer({ min: 1, max: 24 }),
    h: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 30, max: 120 })),
  }),
});

const overlap = ({ rect: a }: PrintedPanel, { rect: b }: PrintedPanel): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

test("every panel is complete on one page, overlaps no other, and stays in reading order", () => {
  fc.assert(
    fc.property(fc.array(panel, { maxLength: 40 }), (panels) => {
      const placed = placedOf(panels);
      const pages = printedPages(placed, WIDTH, HEIGHT);
      expect(
        pages
          .flat()
          .map((one) => one.placed.key)
          .toSorted(),
      ).toEqual(placed.map(({ key }) => key).toSorted());
      for (const page of pages) {
        expect(page.length).toBeGreaterThan(0);
        for (const { rect } of page) {
          expect(rect.top).toBeGreaterThanOrEqual(0);
          expect(rect.top + rect.height).toBeLessThanOrEqual(HEIGHT);
        }
        page.forEach((one, i) => expect(page.slice(i + 1).filter((other) => overlap(one, other))).toEqual([]));
      }
      const ys = pages.flat().map((one) => one.placed.position.y);
      expect(ys).toEqual(ys.toSorted((a, b) => a - b));
    }),
    { numRuns: 300 },
  );
});

test("a row's title is on the same page as the panel below it", () => {
  const at = (type: string, y: number, h: number): object => ({ type, gridPos: { x: 0, y, w: 24, h } });
  const pages = printedPages(placedOf([at("stat", 0, 37), at("row", 37, 1), at("stat", 38, 8)]), WIDTH, HEIGHT);
  expect(pages.map((page) => page.map(({ placed, rect }) => [placed.panel.type, rect.top]))).toEqual([
    [["stat", 0]],
    [
      ["row", 0],
      ["stat", 38],
    ],
  ]);
});
