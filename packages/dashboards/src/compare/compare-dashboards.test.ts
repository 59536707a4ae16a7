import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDashboard, readSource } from "../model/read-dashboard.ts";
import { patchDashboard } from "../model/patch.ts";
import { compareDashboards, describeDifference } from "./compare-dashboards.ts";

const json = {
  title: "T",
  schemaVersion: 42,
  version: 3,
  templating: { list: [{ name: "job", type: "custom", query: "a,b" }] },
  panels: [
    {
      id: 1,
      type: "timeseries",
      title: "CPU",
      targets: [
        { refId: "A", expr: "a" },
        { refId: "B", expr: "b" },
      ],
    },
    { id: 2, type: "row", collapsed: true, panels: [{ id: 3, type: "stat", title: "Up", options: { x: 1 } }] },
  ],
};

const differing = async (after: unknown) =>
  compareDashboards((await readDashboard(json)).dashboard, (await readDashboard(after)).dashboard);

describe("compareDashboards()", () => {
  test("finds no difference between a dashboard and itself, another version of it, or itself with its keys in another order", async () => {
    expect(await differing(json)).toEqual([]);
    expect(await differing({ ...json, version: 4 })).toEqual([]);
    const turned = Object.fromEntries(Object.entries(json).toReversed());
    expect(await differing(turned)).toEqual([]);
  });

  test("identifies list entries by their names, compares panels within rows, and lists added and removed panels", async () => {
    const after = structuredClone(json) as unknown as { panels: Record<string, any>[]; templating: any };
    after.panels[0]!["targets"] = [{ refId: "B", expr: "b2" }];
    after.panels[1]!["panels"] = [{ id: 3, type: "stat", title: "Up", options: { x: 2 } }];
    after.panels.push({ id: 9, type: "text", title: "New" });
    after.templating.list[0].query = "a,b,c";
    const texts = (await differing(after)).map(({ panel, kind, path }) => [panel?.id, kind, path]);
    expect(texts).toEqual([
      [undefined, "changed", "templating.list[job].query"],
      [1, "removed", "targets[A]"],
      [1, "changed", "targets[B].expr"],
      [3, "changed", "options.x"],
      [9, "added", ""],
    ]);
  });

  test("pairs a panel with itself if its id changed, and reports a panel whose kind changed as removed and added", async () => {
    const moved = structuredClone(json);
    moved.panels[0]!.id = 77;
    expect(await differing(moved)).toEqual([]);
    const gone = { ...json, panels: [json.panels[0]] };
    expect((await differing(gone)).map(describeDifference)).toEqual(["panel 2: removed\n", 'panel 3 "Up": removed\n']);
  });

  test("reports one change as the value before and after, with its exact path", async () => {
    const { dashboard } = await readDashboard(json);
    const places = [
      ["title"],
      ["tags"],
      ["panels", 0, "title"],
      ["panels", 0, "targets", 1, "expr"],
      ["panels", 0, "description"],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.string({ minLength: 3 }), (path, value) => {
        const after = readSource(patchDashboard(dashboard.source, [{ path, value }])).dashboard;
        const differences = compareDashboards(dashboard, after);
        expect(differences.map((one) => one.after)).toEqual([value]);
        expect(describeDifference(differences[0]!)).toContain(`+ ${JSON.stringify(value)}`);
      }),
    );
  });
});
