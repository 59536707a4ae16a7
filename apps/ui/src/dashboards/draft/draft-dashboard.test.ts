import { patchDashboard, patchPanel, readDashboard } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { dashboardOf } from "./draft-dashboard.ts";

test("parts that a change does not touch stay the same objects", async () => {
  const { dashboard } = await readDashboard({
    schemaVersion: 41,
    title: "T",
    templating: { list: [{ name: "a", type: "custom", query: "1,2" }] },
    panels: [
      { id: 1, type: "stat", title: "one" },
      { id: 2, type: "stat", title: "two" },
    ],
  });
  const renamed = dashboardOf(patchPanel(dashboard.source, 2, [{ path: ["title"], value: "2" }]), dashboard);
  expect(renamed.panels.map(({ title }) => title)).toEqual(["one", "2"]);
  expect(renamed.panels[0]).toBe(dashboard.panels[0]);
  expect(renamed.variables).toBe(dashboard.variables);
  const titled = dashboardOf(patchDashboard(dashboard.source, [{ path: ["title"], value: "N" }]), dashboard);
  expect([titled.title, titled.panels === dashboard.panels]).toEqual(["N", true]);
  expect(dashboardOf(dashboard.source, dashboard)).toBe(dashboard);
});
