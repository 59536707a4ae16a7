import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Panel } from "../model/dashboard.ts";
import { readDashboard } from "../model/read-dashboard.ts";
import { collapseRow, collapseRows, expandRow, expandRows, panelsJson, sectionsOf } from "./rows.ts";

async function panelsFrom(panels: object[]): Promise<readonly Panel[]> {
  return (await readDashboard({ schemaVersion: 43, panels })).dashboard.panels;
}

const at = (id: number, y: number, h = 4, x = 0, w = 24): object => ({ id, type: "text", gridPos: { x, y, w, h } });
const row = (id: number, y: number, more = {}): object => ({
  id,
  type: "row",
  gridPos: { x: 0, y, w: 24, h: 1 },
  ...more,
});
const ids = (panels: readonly Panel[]): number[] => panels.map(({ id }) => id);
const heights = (panels: readonly Panel[]): [number, number][] => panels.map(({ id, position }) => [id, position.y]);

describe("sectionsOf()", () => {
  test("splits panels at their rows, from top to bottom", async () => {
    const panels = await panelsFrom([
      at(5, 11),
      row(1, 4),
      at(2, 0),
      at(3, 5, 4, 12, 12),
      at(4, 5, 4, 0, 12),
      row(6, 10, { collapsed: true, panels: [at(7, 11)] }),
    ]);
    const sections = sectionsOf(panels).map((section) => [section.row?.id, ids(section.panels)]);
    expect(sections).toEqual([
      [undefined, [2]],
      [1, [4, 3]],
      [6, [7]],
      [undefined, [5]],
    ]);
  });
});

describe("collapseRow() and expandRow()", () => {
  test("a collapsed row contains its panels and moves up the panels below; expanding it restores everything", async () => {
    const panels = await panelsFrom([at(1, 0), row(2, 4), at(3, 5), at(4, 9, 6), row(5, 15), at(6, 16)]);
    const closed = collapseRow(panels, 2);
    expect(heights(closed)).toEqual([
      [1, 0],
      [2, 4],
      [5, 5],
      [6, 6],
    ]);
    expect(closed[1]).toMatchObject({ collapsed: true, source: { collapsed: true, panels: [{ id: 3 }, { id: 4 }] } });
    const opened = expandRow(closed, 2);
    expect(heights(opened)).toEqual(heights(panels));
    expect(ids(opened)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(JSON.stringify(panelsJson(opened).map((json) => (json as { gridPos: unknown }).gridPos))).toBe(
      JSON.stringify(panels.map(({ source }) => source["gridPos"])),
    );
  });

  test("panels are placed below the row, wherever they were when it was collapsed", async () => {
    const panels = await panelsFrom([row(1, 3, { collapsed: true, panels: [at(2, 100), at(3, 104)] }), at(4, 4)]);
    expect(heights(expandRow(panels, 1))).toEqual([
      [1, 3],
      [2, 4],
      [3, 8],
      [4, 12],
    ]);
  });

  test("the list stays the same if the row does not exist", async () => {
    const panels = await panelsFrom([at(1, 0), row(2, 4)]);
    expect(collapseRow(panels, 1)).toBe(panels);
    expect(expandRow(panels, 2)).toBe(panels);
    expect(ids(collapseRow(panels, 2))).toEqual([1, 2]);
  });
});

describe("collapseRows() and expandRows()", () => {
  test("give the same result as collapsing or expanding one row after the other", async () => {
    const section = fc.record({
      heights: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
      collapsed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(section, { maxLength: 6 }), async (sections) => {
        let [id, y] = [0, 0];
        const json = sections.flatMap(({ heights: all, collapsed }) => {
          const head = { id: ++id, y: y++ };
          let inner = y;
          const members = all.map((h) => {
            const member = at(++id, inner, h);
            inner += h;
            return member;
          });
          if (!collapsed) y = inner;
          return collapsed
            ? [row(head.id, head.y, { collapsed, panels: members })]
            : [row(head.id, head.y), ...members];
        });
        const panels = await panelsFrom(json);
        const each = (turn: typeof expandRow) =>
          panels.filter(({ type }) => type === "row").reduce((all, one) => turn(all, one.id), panels);
        expect(expandRows(panels, panels)).toEqual(each(expandRow));
        expect(collapseRows(panels, panels)).toEqual(each(collapseRow));
      }),
    );
  });

  test("ten thousand rows are expanded fast", async () => {
    const panels = await panelsFrom(
      Array.from({ length: 10_000 }, (_, i) => row(2 * i + 1, i, { collapsed: true, panels: [at(2 * i + 2, i + 1)] })),
    );
    const open = expandRows(panels, panels);
    expect([open.length, open.at(-1)!.position.y]).toEqual([20_000, 49_996]);
    expect(collapseRows(open, open).length).toBe(10_000);
  });
});
