import { readDashboard } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { usesOf } from "./variable-uses.ts";

test("uses of a variable are found in panels, rows, repeats, variables and annotations", async () => {
  const { dashboard } = await readDashboard({
    schemaVersion: 41,
    title: "T",
    templating: {
      list: [
        { name: "job", type: "query", query: "label_values(up, job)", current: { text: "$job", value: "$job" } },
        { name: "instance", type: "query", query: { query: "label_values(up{job='$job'}, instance)", refId: "V" } },
        { name: "idle", type: "custom", query: "1" },
      ],
    },
    annotations: { list: [{ name: "Deploys", expr: 'changes(x{job="$job"}[1m])' }] },
    panels: [
      { id: 1, type: "stat", title: "A", targets: [{ refId: "A", expr: 'up{job=~"${job:regex}"}' }] },
      {
        id: 2,
        type: "row",
        title: "R",
        repeat: "instance",
        collapsed: true,
        panels: [{ id: 3, type: "stat", title: "B of $job" }],
      },
    ],
  });
  expect(usesOf("job", dashboard)).toEqual([
    "panel “A”",
    "panel “B of $job”",
    "variable instance",
    "annotation “Deploys”",
  ]);
  expect(usesOf("instance", dashboard)).toEqual(["repeat of panel “R”"]);
  expect(usesOf("idle", dashboard)).toEqual([]);
});
