import { parseExpression } from "@narthex/promql";
import { expect, test } from "vitest";
import { budgetDashboard } from "./dashboard.ts";
import { levelsOf } from "./testing/slo-text.ts";

test("each objective has a row with four panels, whose queries can be parsed", async () => {
  const levels = await levelsOf(`version: narthex/v1
service: shop
slos:
  - { name: speed, objective: 99.9, window: 2w, sli: { latency: { histogram: seconds, threshold: 1s } } }
  - { name: answers, objective: 95, sli: { raw: { error_ratio_query: "avg_over_time(bad[{{.window}}])" } } }
`);
  const { panels } = budgetDashboard(levels, "Budgets") as {
    panels: { id: number; title: string; type: string; targets?: { expr: string }[]; gridPos: { y: number } }[];
  };
  expect(panels.map(({ type, title }) => `${type}: ${title}`).slice(0, 6)).toEqual([
    "row: shop / speed: 99.9 % in 2w",
    "gauge: Budget left",
    "stat: Good events",
    "timeseries: Budget left",
    "timeseries: Burn rates",
    "row: shop / answers: 95 % in 30d",
  ]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(queries).toHaveLength(20);
  for (const query of queries) expect(parseExpression(query)).toMatchObject({ ok: true });
});
