import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lacks } from "../support/requirements.ts";
import { MADE_UP, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const to = 1_700_000_000_000;
const csv = ["host,cpu,ram", "one,3,40", "two,9,20", "three,1,60"].join("\n");

function panel(id: number, type: string, target: object, options: object = {}): object {
  const gridPos = { x: ((id - 1) % 2) * 12, y: Math.floor((id - 1) / 2) * 8, w: 12, h: 8 };
  const datasource = { type: "testdata", uid: "td" };
  return { id, type, title: type, gridPos, datasource, targets: [{ refId: "A", ...target }], options };
}

const walk = { scenarioId: "random_walk", seriesCount: 4 };
const table = { scenarioId: "csv_content", csvContent: csv };
const dashboard = {
  uid: "plots",
  title: "Plots",
  schemaVersion: 41,
  time: { from: new Date(to - 600_000).toISOString(), to: new Date(to).toISOString() },
  panels: [
    panel(1, "heatmap", walk, { calculate: true, tooltip: { mode: "multi" } }),
    panel(2, "barchart", table, { tooltip: { mode: "multi" } }),
    panel(3, "histogram", walk, { bucketCount: 10, tooltip: { mode: "multi" } }),
    panel(4, "piechart", table, { legend: { showLegend: true, displayMode: "table", values: ["percent"] } }),
  ],
};

const marked = {
  ...dashboard,
  uid: "marked",
  title: "Marked",
  annotations: {
    list: [{ name: "Kept", builtIn: 1, enable: true, datasource: { type: "grafana", uid: "-- Grafana --" } }],
  },
  panels: [panel(1, "timeseries", walk), panel(2, "heatmap", walk, { calculate: true })],
};

const stage = useStage((stage) => stage.dashboards({ sources: [MADE_UP], files: { plots: dashboard, marked } }));

test.skipIf(absent)("heatmaps, bars, histograms and pies are drawn, and show the values at the pointer", async () => {
  const { page, errors } = await stage.open("/d/plots");
  const region = (name: string) => page.getByRole("region", { name });
  const tooltips = page.locator('[role="tooltip"]:visible');
  // Checks only the first bucket of the histogram, because the random values may not reach the other buckets.
  for (const [name, share, says] of [
    ["heatmap", 0.5, /–/],
    ["barchart", 0.5, /^two.*cpu.*9.*ram.*20/s],
    ["histogram", 0.02, /–/],
  ] as const) {
    const over = region(name).locator(".u-over");
    await over.waitFor();
    await eventually(`the tooltip of the ${name}`, async () => {
      const { x, y, width, height } = (await over.boundingBox())!;
      await page.mouse.move(x + width * share, y + height / 2);
      expect((await tooltips.allTextContents()).join("\n")).toMatch(says);
    });
  }
  await eventually("the pie has a slice for each row", async () =>
    expect(await region("piechart").getByTestId("slice").count()).toBe(2),
  );
  await region("piechart")
    .getByTestId("slice")
    .first()
    .hover({ position: { x: 120, y: 110 } });
  await eventually("the slice's tooltip", async () =>
    expect((await tooltips.allTextContents()).join("\n")).toMatch(/\d+ \(\d+%\)/),
  );
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a range that is annotated on a panel is shown with its text, and can be deleted", async () => {
  const { page, errors } = await stage.open("/d/marked");
  const region = (name: string) => page.getByRole("region", { name });
  const over = region("timeseries").locator(".u-over");
  await over.waitFor();
  const { x, y, width, height } = (await over.boundingBox())!;
  await page.keyboard.down("Control");
  await page.mouse.move(x + width * 0.25, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Control");
  await page.getByLabel("Description").fill("Rolled out <b>9.1</b><img src=x onerror=alert(1)>");
  await page.getByRole("button", { name: "Save" }).click();
  const signs = (name: string) => region(name).getByRole("group", { name: "Annotations" }).getByRole("button");
  await signs("timeseries").waitFor();
  const sign = (await signs("timeseries").boundingBox())!;
  expect(Math.abs(sign.width - width / 4)).toBeLessThan(4);
  expect(await signs("heatmap").count()).toBe(0);
  await signs("timeseries").hover();
  const card = page.getByRole("dialog", { name: "Annotations" });
  await eventually("the card says what was written", async () =>
    expect(await card.textContent()).toContain("Rolled out 9.1"),
  );
  expect(await card.locator("[onerror]").count()).toBe(0);
  await card.getByRole("button", { name: "Delete annotation" }).click();
  await card.getByRole("button", { name: "Delete", exact: true }).click();
  await eventually("the mark is gone", async () => expect(await signs("timeseries").count()).toBe(0));
  expect(errors).toEqual([]);
  await page.close();
});
