import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Panel } from "../model/dashboard.ts";
import { readDashboard } from "../model/read-dashboard.ts";
import { stackPanels } from "./narrow.ts";
import { heightOf, rectOf, VisibleItems } from "./pixels.ts";
import { placePanels } from "./place-panels.ts";
import { inReadingOrder, type PlacedPanel } from "./placed-panel.ts";
import { type RepeatValues, repeatPanels } from "./repeat.ts";

async function panelsFrom(panels: object[]): Promise<readonly Panel[]> {
  return (await readDashboard({ schemaVersion: 43, panels })).dashboard.panels;
}

const at = (id: number, x: number, y: number, w: number, h: number, more = {}): object => ({
  id,
  type: "stat",
  gridPos: { x, y, w, h },
  ...more,
});
const row = (id: number, y: number, more = {}): object => ({
  id,
  type: "row",
  gridPos: { x: 0, y, w: 24, h: 1 },
  ...more,
});

/** Returns the values a, b, … of a variable. The name of the variable is its number of values. */
const values: RepeatValues = (name) => {
  const count = Number(name);
  if (Number.isNaN(count)) return undefined;
  return Array.from({ length: count }, (_, i) => ({
    value: String.fromCharCode(97 + i),
    text: String.fromCharCode(65 + i),
  }));
};

const places = (placed: readonly PlacedPanel[]): unknown[] =>
  placed.map(({ key, position: { x, y, w, h } }) => [key, x, y, w, h]);

describe("repeatPanels()", () => {
  test("repeats panels horizontally, with at most `maxPerRow` in a line, and pushes down the panels below", async () => {
    const panels = await panelsFrom([
      at(1, 0, 0, 6, 4, { repeat: "5", maxPerRow: 3 }),
      at(2, 0, 4, 24, 2),
      at(3, 0, 6, 24, 2),
    ]);
    const placed = repeatPanels(panels, values);
    expect(places(placed)).toEqual([
      ["panel-1", 0, 0, 8, 4],
      ["panel-1-clone-1", 8, 0, 8, 4],
      ["panel-1-clone-2", 16, 0, 8, 4],
      ["panel-1-clone-3", 0, 4, 8, 4],
      ["panel-1-clone-4", 8, 4, 8, 4],
      ["panel-2", 0, 8, 24, 2],
      ["panel-3", 0, 10, 24, 2],
    ]);
    expect(placed.map(({ scope }) => scope["5"]?.value)).toEqual(["a", "b", "c", "d", "e", undefined, undefined]);
    expect(placed.map(({ isClone }) => isClone)).toEqual([false, true, true, true, true, false, false]);
  });

  test("repeats panels vertically, and a repeated panel below them", async () => {
    const panels = await panelsFrom([
      at(1, 0, 0, 12, 4, { repeat: "3", repeatDirection: "v" }),
      at(2, 12, 0, 12, 4),
      at(3, 0, 4, 6, 2, { repeat: "2", maxPerRow: 1 }),
      at(4, 0, 6, 6, 2),
    ]);
    expect(places(repeatPanels(panels, values))).toEqual([
      ["panel-1", 0, 0, 12, 4],
      ["panel-1-clone-1", 0, 4, 12, 4],
      ["panel-1-clone-2", 0, 8, 12, 4],
      ["panel-2", 12, 0, 12, 4],
      ["panel-3", 0, 12, 24, 2],
      ["panel-3-clone-1", 0, 14, 24, 2],
      ["panel-4", 0, 16, 6, 2],
    ]);
  });

  test("repeats rows with their panels, and combines the variables of both", async () => {
    const panels = await panelsFrom([
      row(1, 0, { repeat: "2" }),
      at(2, 0, 1, 12, 4, { repeat: "3", maxPerRow: 2 }),
      row(3, 5),
      at(4, 0, 6, 24, 2),
    ]);
    const placed = repeatPanels(panels, values);
    expect(places(placed)).toEqual([
      ["panel-1", 0, 0, 24, 1],
      ["panel-2", 0, 1, 12, 4],
      ["panel-2-clone-1", 12, 1, 12, 4],
      ["panel-2-clone-2", 0, 5, 12, 4],
      ["panel-1-clone-1", 0, 9, 24, 1],
      ["panel-1-clone-1/panel-2", 0, 10, 12, 4],
      ["panel-1-clone-1/panel-2-clone-1", 12, 10, 12, 4],
      ["panel-1-clone-1/panel-2-clone-2", 0, 14, 12, 4],
      ["panel-3", 0, 18, 24, 1],
      ["panel-4", 0, 19, 24, 2],
    ]);
    const scopes = placed
      .slice(5, 7)
      .map(({ scope }) => Object.fromEntries(Object.entries(scope).map(([name, { text }]) => [name, text])));
    expect(scopes).toEqual([
      { 2: "B", 3: "A" },
      { 2: "B", 3: "B" },
    ]);
  });

  test("repeats a collapsed row without drawing its panels", async () => {
    const panels = await panelsFrom([
      row(1, 0, { collapsed: true, repeat: "3", panels: [at(2, 0, 1, 6, 4)] }),
      at(3, 0, 1, 6, 4),
    ]);
    expect(places(repeatPanels(panels, values))).toEqual([
      ["panel-1", 0, 0, 24, 1],
      ["panel-1-clone-1", 0, 1, 24, 1],
      ["panel-1-clone-2", 0, 2, 24, 1],
      ["panel-3", 0, 3, 6, 4],
    ]);
  });

  test("draws a panel once if its variable has no values or does not exist", async () => {
    const panels = await panelsFrom([at(1, 3, 0, 6, 4, { repeat: "0" }), at(2, 3, 4, 6, 4, { repeat: "unknown" })]);
    expect(places(repeatPanels(panels, values))).toEqual([
      ["panel-1", 3, 0, 6, 4],
      ["panel-2", 3, 4, 6, 4],
    ]);
  });

  test("limits the number of panels, and handles 10,000 repeated panels", async () => {
    const panels = await panelsFrom(
      Array.from({ length: 10_000 }, (_, i) => at(i + 1, 0, i, 24, 1, { repeat: "499" })),
    );
    const many = values("499");
    const placed = repeatPanels(panels, () => many);
    expect(placed.length).toBeGreaterThan(10_000);
    expect(placed.length).toBeLessThan(31_000);
    expect(new Set(placed.map(({ key }) => key)).size).toBe(placed.length);
  });
});

const overlap = ({ position: a }: PlacedPanel, { position: b }: PlacedPanel): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe("placePanels()", () => {
  test("copies are one block, panels next to it are below it in their line, and lower panels follow", async () => {
    const panels = await panelsFrom([
      at(1, 0, 0, 6, 4),
      at(2, 6, 0, 6, 4, { repeat: "5", maxPerRow: 3 }),
      at(3, 12, 0, 12, 4),
      at(4, 0, 4, 24, 2),
    ]);
    expect(places(placePanels(panels, values))).toEqual([
      ["panel-2", 0, 0, 8, 4],
      ["panel-2-clone-1", 8, 0, 8, 4],
      ["panel-2-clone-2", 16, 0, 8, 4],
      ["panel-2-clone-3", 0, 4, 8, 4],
      ["panel-2-clone-4", 8, 4, 8, 4],
      ["panel-1", 0, 8, 6, 4],
      ["panel-3", 12, 8, 12, 4],
      ["panel-4", 0, 12, 24, 2],
    ]);
  });

  test("a block moves up as a whole, also if there is more room above some of its copies", async () => {
    const panels = await panelsFrom([at(1, 0, 0, 6, 6), at(2, 0, 9, 12, 4, { repeat: "3" })]);
    expect(places(placePanels(panels, values)).slice(1)).toEqual([
      ["panel-2", 0, 6, 8, 4],
      ["panel-2-clone-1", 8, 6, 8, 4],
      ["panel-2-clone-2", 16, 6, 8, 4],
    ]);
  });

  const item = fc.record({
    x: fc.nat(23),
    y: fc.nat(20),
    w: fc.integer({ min: 1, max: 24 }),
    h: fc.integer({ min: 1, max: 6 }),
    more: fc.record({
      repeat: fc.constantFrom("", "0", "1", "3", "7"),
      maxPerRow: fc.integer({ min: 1, max: 6 }),
      repeatDirection: fc.constantFrom("h", "v"),
      type: fc.constantFrom("stat", "stat", "stat", "row"),
    }),
  });

  test("copies are in reading order, and no panels overlap", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 10 }), async (items) => {
        const panels = await panelsFrom(items.map(({ x, y, w, h, more }, i) => at(i + 1, x, y, w, h, more)));
        const placed = placePanels(panels, values);
        for (const [i, one] of placed.entries())
          for (const other of placed.slice(i + 1)) expect(overlap(one, other)).toBe(false);
        const copies = Map.groupBy(placed, ({ key }) => key.replace(/(?:-clone-\d+)?$/, ""));
        for (const group of copies.values()) {
          if (group[0]!.panel.type === "row") continue;
          const numbers = inReadingOrder(group).map(({ key }) => Number(/-clone-(\d+)$/.exec(key)?.[1] ?? 0));
          expect(numbers).toEqual(numbers.map((_, number) => number));
        }
      }),
    );
  });
});

test("stackPanels() stacks panels and pairs consecutive small ones", async () => {
  const panels = await panelsFrom([
    at(1, 0, 0, 4, 4),
    at(2, 4, 0, 4, 3),
    at(3, 8, 0, 4, 4),
    at(4, 0, 4, 12, 8, { type: "timeseries" }),
    at(5, 12, 4, 4, 4),
    at(6, 0, 12, 24, 8, { type: "table" }),
  ]);
  expect(places(stackPanels(repeatPanels(panels, values)))).toEqual([
    ["panel-1", 0, 0, 12, 4],
    ["panel-2", 12, 0, 12, 4],
    ["panel-3", 0, 4, 24, 4],
    ["panel-4", 0, 8, 24, 8],
    ["panel-5", 0, 16, 24, 4],
    ["panel-6", 0, 20, 24, 8],
  ]);
});

describe("pixels", () => {
  test("rectOf() leaves gaps of 8 px between units of 30 px", () => {
    const width = 24 * 40 + 23 * 8;
    expect(rectOf({ x: 0, y: 0, w: 24, h: 1 }, width)).toEqual({ left: 0, top: 0, width, height: 30 });
    expect(rectOf({ x: 12, y: 2, w: 6, h: 3 }, width)).toEqual({ left: 576, top: 76, width: 280, height: 106 });
  });

  test("VisibleItems finds the items in a window among 10,000", () => {
    const items = Array.from({ length: 10_000 }, (_, i) => ({
      key: `${i}`,
      position: { x: 0, y: i * 10, w: 24, h: 10 },
    }));
    const tall = { key: "tall", position: { x: 0, y: 5, w: 2, h: 50_000 } };
    const visible = new VisibleItems(items);
    expect(visible.within(0, 380).map(({ key }) => key)).toEqual(["0"]);
    expect(visible.within(38 * 10 * 500, 1, 380).map(({ key }) => key)).toEqual(["499", "500", "501"]);
    expect(new VisibleItems([...items, tall]).within(38 * 40_000, 10).map(({ key }) => key)).toEqual(["tall", "4000"]);
    expect(heightOf(items)).toBe(100_000 * 38 - 8);
    expect(new VisibleItems([]).within(0, 1000)).toEqual([]);
  });
});
