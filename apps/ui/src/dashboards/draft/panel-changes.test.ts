import { type JsonObject, type Panel, readSource } from "@narthex/dashboards";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stepOf } from "./arrange.ts";
import {
  freePanelId,
  withAllRows,
  withGesture,
  withoutPanel,
  withoutSection,
  withPanelAdded,
  withPanelDuplicated,
  withRowToggled,
} from "./panel-changes.ts";

const panel = (id: number, x: number, y: number, w = 12, h = 4, more: object = {}): object => ({
  id,
  type: "stat",
  strange: id,
  gridPos: { x, y, w, h },
  ...more,
});
const row = (id: number, y: number, more: object = {}): object => panel(id, 0, y, 24, 1, { type: "row", ...more });

const json: JsonObject = {
  title: "T",
  panels: [panel(1, 0, 0), panel(2, 12, 0), row(3, 4), panel(4, 0, 5), row(5, 9), panel(6, 0, 10)],
  after: true,
};

const panelsOf = (from: JsonObject): readonly Panel[] => readSource(from).dashboard.panels;
const positions = (from: JsonObject): Record<string, number[]> =>
  Object.fromEntries(panelsOf(from).map(({ id, position: { x, y, w, h } }) => [id, [x, y, w, h]]));

describe("gestures", () => {
  test("a moved panel pushes others away, and unmoved panels stay the same objects", () => {
    const moved = withGesture(json, { kind: "move", id: 2, x: 0, y: 0 });
    expect(positions(moved)).toMatchObject({ 2: [0, 0, 12, 4], 1: [0, 4, 12, 4], 3: [0, 8, 24, 1] });
    const resized = withGesture(json, { kind: "resize", id: 6, w: 24, h: 4 });
    expect((resized["panels"] as unknown[])[0]).toBe((json["panels"] as unknown[])[0]);
    expect(Object.keys(resized)).toEqual(Object.keys(json));
  });

  test("a row moves with its panels", () => {
    const moved = withGesture(json, { kind: "move", id: 5, x: 0, y: 4 });
    expect(positions(moved)).toMatchObject({
      1: [0, 0, 12, 4],
      5: [0, 4, 24, 1],
      6: [0, 5, 12, 4],
      3: [0, 9, 24, 1],
      4: [0, 10, 12, 4],
    });
    expect(positions(withGesture(json, { kind: "move", id: 3, x: 0, y: 99 }))).toMatchObject({
      5: [0, 4, 24, 1],
      6: [0, 5, 12, 4],
      3: [0, 9, 24, 1],
      4: [0, 10, 12, 4],
    });
  });

  test("a key moves a panel by the shortest distance that changes its position", () => {
    expect(stepOf(panelsOf(json), 1, "right")).toEqual({ kind: "move", id: 1, x: 1, y: 0 });
    expect(stepOf(panelsOf(json), 2, "right")).toBeUndefined();
    expect(stepOf(panelsOf(json), 1, "up")).toBeUndefined();
    const down = stepOf(panelsOf(json), 1, "down")!;
    expect(positions(withGesture(json, down))["1"]![1]).toBeGreaterThan(0);
    const up = stepOf(panelsOf(json), 6, "up")!;
    expect(positions(withGesture(json, up))["6"]![1]).toBeLessThan(10);
  });

  test("no move loses a panel or makes panels overlap", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(30), fc.nat(30), fc.boolean(), (id, a, b, isMove) => {
        const moved = withGesture(json, isMove ? { kind: "move", id, x: a, y: b } : { kind: "resize", id, w: a, h: b });
        const all = panelsOf(moved);
        expect(all.map((one) => one.source["strange"])).toEqual([1, 2, 3, 4, 5, 6]);
        for (const [i, { position: p }] of all.entries())
          for (const { position: q } of all.slice(i + 1))
            expect(p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h).toBe(false);
      }),
    ));
});

describe("adding and removing panels", () => {
  test("a new panel fills the free place in the last line, and the next one is below, each with its own id", () => {
    const added = withPanelAdded(json, { type: "text", title: "New" });
    expect(positions(added)).toEqual({ ...positions(json), 7: [12, 10, 12, 4] });
    const next = withPanelAdded(added, { type: "text", gridPos: { x: 3, y: 0, w: 24, h: 3 } });
    expect(positions(next)).toEqual({ ...positions(added), 8: [0, 14, 24, 3] });
  });

  test("a copy is placed next to its panel, or below it", () => {
    expect(positions(withPanelDuplicated(json, 4))["7"]).toEqual([12, 5, 12, 4]);
    expect(positions(withPanelDuplicated(json, 2))["7"]).toEqual([12, 4, 12, 4]);
  });

  test("a row is removed alone or with its panels", () => {
    expect(Object.keys(positions(withoutPanel(json, 3)))).toEqual(["1", "2", "4", "5", "6"]);
    expect(Object.keys(positions(withoutSection(json, 3)))).toEqual(["1", "2", "5", "6"]);
    const closed = withRowToggled(json, 3);
    expect(Object.keys(positions(withoutPanel(closed, 3)))).toEqual(["1", "2", "4", "5", "6"]);
    expect(Object.keys(positions(withoutSection(closed, 3)))).toEqual(["1", "2", "5", "6"]);
  });

  test("collapsing and expanding a row restores its panels, and a new panel gets an id that no panel inside a row has", () => {
    const closed = withAllRows(json, true);
    expect(Object.keys(positions(closed))).toEqual(["1", "2", "3", "5"]);
    expect(freePanelId(panelsOf(closed))).toBe(7);
    expect(positions(withAllRows(closed, false))).toEqual(positions(json));
  });
});
