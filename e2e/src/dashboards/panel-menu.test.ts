import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage } from "../support/headless-browser.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { scrapesItself, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const panel = (id: number, y: number, title: string, expr: string, type = "timeseries") => ({
  id,
  type,
  title,
  gridPos: { x: 0, y, w: 12, h: 8 },
  datasource: { type: "prometheus", uid: "main" },
  targets: [{ refId: "A", expr, legendFormat: "{{job}}" }],
});

const dashboard = {
  uid: "menus",
  title: "Menus",
  schemaVersion: 41,
  time: { from: "now-5m", to: "now" },
  templating: { list: [{ name: "factor", type: "custom", query: "1,2,3", current: { text: "1", value: "1" } }] },
  panels: [
    panel(1, 0, "Up", 'up{job="self"} * $factor'),
    panel(2, 8, "Count", "count(up) * $factor", "stat"),
    {
      id: 3,
      type: "row",
      title: "Later",
      collapsed: true,
      gridPos: { x: 0, y: 16, w: 24, h: 1 },
      panels: [panel(4, 17, "Within", "vector(7)", "stat")],
    },
  ],
};

const stage = useStage(async (stage) => {
  const server = await stage.server(scrapesItself);
  const base = await stage.dashboards(
    {
      sources: [
        `name: Main, type: prometheus, uid: main, url: '${server}', isDefault: true, jsonData: {timeInterval: 1s}`,
      ],
      files: { menus: dashboard },
    },
    ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Editor", "security.allow_embedding=true"],
  );
  await untilQuery(server, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  return base;
});

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const panelIds = (page: Page): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll("[data-panel-id]")].filter((one) => one.checkVisibility()).map((one) => one.dataset.panelId)`,
  );

test.skipIf(absent)("a panel can be viewed alone from its menu, and keys and the back button lead back", async () => {
  const { page, errors } = await stage.open("/d/menus");
  await region(page, "Up").hover();
  await page.getByRole("button", { name: "Menu of Up" }).click();
  await page.getByRole("menuitem", { name: /^View/ }).click();
  await eventually("it is alone", async () => expect(await panelIds(page)).toEqual(["1"]));
  expect(new URL(page.url()).searchParams.get("viewPanel")).toBe("panel-1");
  expect((await region(page, "Up").boundingBox())!.width).toBeGreaterThan(1100);
  await page.goBack();
  await eventually("all are there", async () => expect(await panelIds(page)).toEqual(["1", "2", "3"]));
  await region(page, "Count").hover();
  await page.keyboard.press("v");
  await eventually("the other one is alone", async () => expect(await panelIds(page)).toEqual(["2"]));
  await page.keyboard.press("Escape");
  await eventually("all are there again", async () => expect(await panelIds(page)).toEqual(["1", "2", "3"]));
  // Opens a panel in a collapsed row through Grafana's old URL with `fullscreen` and `panelId`.
  await page.goto(`${stage.base}/d/menus?fullscreen&panelId=4`);
  await region(page, "Within").getByText("7", { exact: true }).waitFor();
  expect(page.url()).toContain("viewPanel=panel-4");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a panel's data can be viewed as a table and saved as CSV, and its query is shown", async () => {
  const { page, errors } = await stage.open("/d/menus?var-factor=2");
  await region(page, "Up").locator("canvas").waitFor();
  await region(page, "Up").hover();
  await page.keyboard.press("i");
  const drawer = page.getByRole("dialog", { name: "Inspect: Up" });
  await drawer.getByRole("columnheader", { name: "self" }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    drawer.getByRole("button", { name: "Download CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^Up-data-\d{4}-\d\d-\d\d \d\d_\d\d_\d\d\.csv$/);
  const lines = readFileSync(await file.path(), "utf8").split("\r\n");
  expect(lines[0]).toBe('\uFEFF"Time","self"');
  expect(lines.length).toBeGreaterThan(3);
  // Accepts the value 0 in the CSV row, because a busy machine may miss a scrape.
  const row = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?,[02]$/;
  expect(lines.slice(1, -1).filter((line) => !row.test(line))).toEqual([]);
  expect(lines.slice(1, -1).some((line) => line.endsWith(",2"))).toBe(true);
  await drawer.getByRole("tab", { name: "Query" }).click();
  await drawer.getByText('up{job="self"} * 2').first().waitFor();
  expect(new URL(page.url()).searchParams.get("inspectTab")).toBe("query");
  await page.keyboard.press("Escape");
  await eventually("the address forgets it", async () => expect(page.url()).not.toContain("inspect"));
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a panel can be embedded alone in another page, in the theme of its address", async () => {
  const { page, errors } = await stage.open(`/d-solo/menus/x?panelId=2&var-factor=3&theme=dark&from=now-2m&to=now`);
  await region(page, "Count").getByText("3", { exact: true }).waitFor();
  expect(await panelIds(page)).toEqual(["2"]);
  expect(await page.getByRole("banner").count()).toBe(0);
  expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
  const { width, height } = (await region(page, "Count").boundingBox())!;
  expect([width, height]).toEqual([page.viewportSize()!.width, page.viewportSize()!.height]);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("kiosk mode hides the bars, tv mode keeps the controls, and Escape ends both", async () => {
  const { page, errors } = await stage.open("/d/menus?kiosk");
  await region(page, "Count").waitFor();
  expect(await page.getByRole("banner").count()).toBe(0);
  expect(await page.getByRole("heading", { name: "Menus" }).isVisible()).toBe(false);
  await page.keyboard.press("Escape");
  await page.getByRole("banner").waitFor();
  expect(await page.getByRole("heading", { name: "Menus" }).isVisible()).toBe(true);
  await page.goto(`${stage.base}/d/menus?kiosk=tv&_dash.hideTimePicker`);
  await page.getByRole("heading", { name: "Menus" }).waitFor();
  expect(await page.getByRole("banner").count()).toBe(0);
  expect(await page.getByRole("group", { name: "Time range" }).isVisible()).toBe(false);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a shared link restores the range, the variables and the panel", async () => {
  const { page, errors } = await stage.open("/d/menus?var-factor=3&from=now-2m&to=now");
  await region(page, "Count").getByText("3", { exact: true }).waitFor();
  await region(page, "Count").hover();
  await page.keyboard.press("p");
  await page.keyboard.press("s");
  const link = await page.getByRole("textbox", { name: "Link URL" }).inputValue();
  const params = new URL(link).searchParams;
  expect(Number(params.get("to")) - Number(params.get("from"))).toBe(120_000);
  expect(params.get("viewPanel")).toBe("panel-2");
  const other = await openPage(stage.browser, link);
  await region(other.page, "Count").getByText("3", { exact: true }).waitFor();
  expect(await panelIds(other.page)).toEqual(["2"]);
  expect([...errors, ...other.errors]).toEqual([]);
  await Promise.all([page.close(), other.page.close()]);
});

test.skipIf(absent)(
  "one click leads from a dashboard to the server's pages and back, and from a panel to its query",
  async () => {
    const { page, errors } = await stage.open("/d/menus?var-factor=2");
    await region(page, "Up").hover();
    await page.getByRole("button", { name: "Menu of Up" }).click();
    await page.getByRole("menuitem", { name: /^Explore/ }).click();
    await page.waitForURL(/\/sources\/main\/query\?/);
    expect(new URL(page.url()).searchParams.get("g0.expr")).toBe('up{job="self"} * 2');
    // The dashboard shows a shorter range while there is no older data.
    expect(new URL(page.url()).searchParams.get("g0.range_input")).toMatch(/^[125]m$/);
    await page.getByText("Result series: 1").waitFor();
    await page.getByRole("button", { name: "Status" }).click();
    await page.getByRole("menuitem", { name: "Target health" }).click();
    await page.getByText("1 / 1 up").or(page.getByText("1/1")).first().waitFor();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Dashboards" }).click();
    await page.getByRole("link", { name: /Menus/ }).first().waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("a snapshot shows the data of its time, and is gone after its deletion", async () => {
  const { page, errors } = await stage.open("/d/menus?var-factor=3");
  await region(page, "Count").getByText("3", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Share" }).click();
  await page.getByRole("tab", { name: "Snapshot" }).click();
  await page.getByRole("textbox", { name: "Snapshot name" }).fill("Kept");
  await page.getByRole("button", { name: "Publish snapshot" }).click();
  const url = await page.getByRole("textbox", { name: "Snapshot URL" }).inputValue();
  const requests: string[] = [];
  page.on("request", (request) => void requests.push(new URL(request.url()).pathname));
  await page.goto(`${stage.base}${new URL(url).pathname}`);
  await region(page, "Count").getByText("3", { exact: true }).waitFor();
  // Waits until the collapsed row is open and its panel shows data.
  await region(page, "Within").getByText("7", { exact: true }).waitFor();
  expect(requests.filter((path) => path.startsWith("/api/ds/"))).toEqual([]);
  await page.goto(`${stage.base}/dashboard/snapshots`);
  await page.getByRole("button", { name: "Delete Kept" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No snapshots yet").waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a playlist can be created, and shows its dashboards one after the other", async () => {
  const { page, errors } = await stage.open("/playlists/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Wall");
  for (let times = 0; times < 2; times++) {
    // oxlint-disable-next-line no-await-in-loop -- dashboards are added in order
    await page.getByRole("combobox", { name: "Add a dashboard" }).fill("Men");
    // oxlint-disable-next-line no-await-in-loop -- dashboards are added in order
    await page.getByRole("option", { name: "Menus" }).click();
  }
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Start Wall" }).click();
  const controls = page.getByRole("group", { name: "Playlist Wall" });
  await controls.getByText("1 of 2").waitFor();
  await region(page, "Count").waitFor();
  expect(await page.getByRole("banner").count()).toBe(0);
  await controls.getByRole("button", { name: "Next dashboard" }).click();
  await controls.getByText("2 of 2").waitFor();
  await controls.getByRole("button", { name: "Pause" }).click();
  await controls.getByRole("link", { name: "Stop the playlist" }).click();
  await page.getByRole("button", { name: "Delete Wall" }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
