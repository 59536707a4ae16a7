import { createHash } from "node:crypto";
import { panelKinds } from "@narthex/dashboards";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { post, useStage } from "../support/stage.ts";

const absent = lacks("browser");

/** Kinds of panels that show the results of queries. */
const kinds = panelKinds.filter(({ isFed }) => isFed).map(({ id }) => id);

const panelOf = (type: string): object => ({
  id: 1,
  type,
  title: "Load",
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  datasource: { type: "grafana-testdata-datasource", uid: "test" },
  targets: [
    { refId: "A", scenarioId: "csv_metric_values", stringInput: "1,20,50,90,40" },
    { refId: "B", scenarioId: "csv_metric_values", stringInput: "30,70,10,60,95" },
  ],
  fieldConfig: {
    defaults: {
      unit: "percent",
      min: 0,
      max: 100,
      thresholds: {
        mode: "absolute",
        steps: [
          { value: null, color: "purple" },
          { value: 30, color: "yellow" },
          { value: 60, color: "orange" },
        ],
      },
      custom: { thresholdsStyle: { mode: "area" } },
    },
    overrides: [
      {
        matcher: { id: "byFrameRefID", options: "B" },
        properties: [
          { id: "unit", value: "bytes" },
          { id: "color", value: { mode: "fixed", fixedColor: "red" } },
        ],
      },
    ],
  },
});

const stage = useStage(async (stage) => {
  const base = await stage.dashboards({
    sources: ["name: Test, type: grafana-testdata-datasource, uid: test, isDefault: true"],
  });
  for (const kind of kinds) {
    const time = { from: "2026-01-01T10:00:00Z", to: "2026-01-01T11:00:00Z" };
    const uid = `of-${kind.toLowerCase()}`;
    const dashboard = { uid, title: kind, schemaVersion: 41, time, panels: [panelOf(kind)] };
    await post(base, "/api/dashboards/db", { dashboard });
  }
  return base;
});

/**
 * Style that puts the panel at the same place of both pages, below the header. Text at another fraction of a pixel has
 * other pixels.
 */
const SAME_PLACE = "[data-panel-id] { position: fixed !important; top: 120px; left: 16px; z-index: 9; }";

/** Distance in pixels from the panel's edges, whose rounded corners show the background of the page. */
const EDGE_PX = 8;

/** Resolves with the size and state of a panel, and a hash of the picture of its inside. */
async function pictureOf(page: Page, panel: Locator): Promise<readonly string[]> {
  await panel.and(page.locator(':not([data-panel-state="loading"])')).waitFor();
  await page.locator("[data-panel-drawing]").waitFor({ state: "detached" });
  await page.mouse.move(0, 0);
  const { x, y, width, height } = (await panel.boundingBox())!;
  const clip = { x: x + EDGE_PX, y: y + EDGE_PX, width: width - 2 * EDGE_PX, height: height - 2 * EDGE_PX };
  const picture = await page.screenshot({ clip, animations: "disabled" });
  return [
    `${width} × ${height}`,
    (await panel.getAttribute("data-panel-state"))!,
    createHash("sha256").update(picture).digest("hex"),
  ];
}

test.skipIf(absent).each(kinds)("the preview of a %s draws the same pixels as the dashboard", async (kind) => {
  const address = `${stage.base}/d/of-${kind.toLowerCase()}`;
  const { page: shown, errors } = await openPage(stage.browser, address);
  const { page: editor, errors: ofEditor } = await openPage(stage.browser, `${address}?editPanel=1`);
  await editor.getByText("Actual", { exact: true }).click();
  for (const page of [shown, editor]) await page.addStyleTag({ content: SAME_PLACE });
  await eventually("both are equal", async () => {
    const preview = editor.getByRole("region", { name: "Preview" }).locator("[data-panel-id]");
    expect(await pictureOf(editor, preview)).toEqual(await pictureOf(shown, shown.locator("[data-panel-id]")));
  });
  expect([...errors, ...ofEditor]).toEqual([]);
  await shown.close();
  await editor.close();
});
