import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { post, scrapesItself, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const rows = { scenarioId: "csv_content", csvContent: "load,delay,errors\n1,10,0\n2,12,1\n4,30,5" };

const panel = (id: number, type: string, targets: readonly object[], options: object = {}): object => ({
  id,
  type,
  title: `The ${type}`,
  gridPos: { x: ((id - 1) % 3) * 8, y: Math.floor((id - 1) / 3) * 8, w: 8, h: 8 },
  datasource: { type: "grafana-testdata-datasource", uid: "td" },
  targets,
  options,
});

const dashboard = {
  uid: "others",
  title: "Others",
  schemaVersion: 43,
  time: { from: "now-15m", to: "now" },
  panels: [
    panel(1, "alertlist", [], { datasource: "Main" }),
    panel(2, "dashlist", [], { showStarred: false, showSearch: true, query: "Named" }),
    panel(3, "annolist", [], { onlyFromThisDashboard: false, limit: 10 }),
    panel(4, "trend", [{ refId: "A", ...rows }], { xField: "load" }),
    panel(5, "xychart", [{ refId: "A", ...rows }]),
  ],
};

const stage = useStage(async (stage) => {
  stage.workplace.write("rules.yml", "groups:\n- name: demo\n  rules:\n  - alert: AlwaysOn\n    expr: vector(1)\n");
  const server = await stage.server(scrapesItself);
  const base = await stage.dashboards({
    sources: [
      `name: Main, type: prometheus, uid: main, url: '${server}', isDefault: true, jsonData: {timeInterval: 1s}`,
      "name: Made up, type: grafana-testdata-datasource, uid: td",
    ],
  });
  await post(base, "/api/dashboards/db", { dashboard });
  await post(base, "/api/dashboards/db", {
    dashboard: { uid: "named", title: "Named one", schemaVersion: 43, panels: [] },
  });
  await post(base, "/api/annotations", { text: "Deployed the thing", tags: ["deploy"] });
  await untilQuery(server, "ALERTS{alertstate='firing'}", (result) => result.length === 1);
  await untilQuery(server, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  return base;
});

const card = (page: Page, type: string) => page.locator(`[data-panel-type="${type}"]`);

test.skipIf(absent)("panels list alerts, dashboards and annotations, and link to them", async () => {
  const { page, errors } = await stage.open("/d/others");
  await card(page, "alertlist").getByText("AlwaysOn").first().waitFor();
  await card(page, "annolist").getByText("Deployed the thing").waitFor();
  await card(page, "dashlist").getByRole("link", { name: "Named one" }).click();
  await page.locator('[data-dashboard-uid="named"]').waitFor();
  await page.goBack();
  await card(page, "annolist").getByText("Deployed the thing").waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("trends and XY charts are drawn over numbers, and show the values at the pointer", async () => {
  const { page, errors } = await stage.open("/d/others");
  const tooltips = page.locator('[role="tooltip"]:visible');
  for (const type of ["trend", "xychart"]) {
    const over = card(page, type).locator(".u-over");
    await over.waitFor();
    const { x, y, width, height } = (await over.boundingBox())!;
    let share = 0.84;
    await eventually(`the tooltip of the ${type}`, async () => {
      // Moves the pointer in steps towards the last sample of the upper series, near the right end of the plot.
      share = share > 0.99 ? 0.84 : share + 0.02;
      await page.mouse.move(x + width * share, y + height * (type === "trend" ? 0.05 : 0.14));
      expect((await tooltips.allTextContents()).join("\n")).toMatch(/30/);
    });
  }
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a dashboard is generated from a job's metrics without writing a query", async () => {
  const { page, errors } = await stage.open("/dashboard/generate");
  await page.getByPlaceholder("All jobs").fill("self");
  await page.getByPlaceholder("Words in the names").fill("http requests");
  await page.keyboard.press("Enter");
  await page.waitForURL(/job=self/);
  await page.locator('[data-panel-state="data"]').first().waitFor();
  await page.getByRole("button", { name: "Save as a dashboard" }).click();
  await page.waitForURL(/\/d\//);
  await page.locator('[data-panel-state="data"]').first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
