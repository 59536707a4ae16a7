import { expect, test } from "vitest";
import { importReport } from "./import-report.ts";
import { testSource } from "../../testing/test-source.ts";

const sources = [testSource({ uid: "p1", name: "Main", isDefault: true })];

test("the report lists changes, missing parts and panels that are not drawn", async () => {
  const report = await importReport(
    {
      __inputs: [{ name: "DS_A", type: "datasource", pluginId: "prometheus" }],
      schemaVersion: 30,
      title: "T",
      panels: [
        { id: 1, type: "graph", title: "Old", datasource: "${DS_A}", targets: [] },
        { id: 2, type: "row", collapsed: true, panels: [{ id: 3, type: "of-another-world", title: "Odd" }] },
      ],
    },
    sources,
    { DS_A: "p1" },
  );
  expect(report.dashboard.panels[0]).toMatchObject({ type: "timeseries", datasource: { uid: "p1" } });
  expect(report.changes.length).toBeGreaterThan(0);
  expect([...report.undrawn]).toEqual([["of-another-world", ["Odd"]]]);
  const withoutInputs = await importReport({ panels: [{ id: 1, datasource: "${DS_LOKI}" }] }, sources, {});
  expect(withoutInputs.problems[0]?.message).toContain("DS_LOKI");
});
