import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { scrapesItself, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const dashboard = {
  uid: "memory",
  title: "Memory of the server",
  schemaVersion: 41,
  timezone: "Asia/Tokyo",
  time: { from: "now-15m", to: "now" },
  panels: [
    {
      id: 1,
      type: "timeseries",
      title: "Bytes",
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      datasource: { type: "prometheus", uid: "main" },
      targets: [{ refId: "A", expr: "max_over_time(process_resident_memory_bytes[$__rate_interval])" }],
      fieldConfig: { defaults: { unit: "bytes" }, overrides: [] },
    },
  ],
};

const stage = useStage(async (stage) => {
  const server = await stage.server(scrapesItself);
  const source = `type: prometheus, url: '${server}'`;
  const base = await stage.dashboards(
    {
      sources: [
        `name: Main, uid: main, isDefault: true, jsonData: {timeInterval: 2s}, ${source}`,
        `name: Other, uid: other, ${source}`,
      ],
      files: { memory: dashboard },
    },
    ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Editor"],
  );
  await untilQuery(server, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  return base;
});

const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);

test.skipIf(absent)(
  "Explore keeps the range, the unit, the zone and the comparison of a panel, and its variables",
  async () => {
    const { page, errors } = await stage.open("/d/memory?from=now-30m&to=now&compare=previous");
    await page.getByRole("region", { name: "Bytes", exact: true }).hover();
    await page.getByRole("button", { name: "Menu of Bytes" }).click();
    await page.getByRole("menuitem", { name: /^Explore/ }).click();
    await page.waitForURL(/\/sources\/main\/query\?/);
    const names = ["expr", "range_input", "unit", "timezone", "compare", "scrape_interval"];
    expect(names.map((name) => parameter(page, `g0.${name}`))).toEqual([
      "max_over_time(process_resident_memory_bytes[$__rate_interval])",
      "30m",
      "bytes",
      "Asia/Tokyo",
      "previous",
      "2s",
    ]);
    await page.getByTestId("graph").waitFor();
    await page.getByRole("tab", { name: "Table" }).click();
    await page.getByRole("table", { name: "Query result" }).getByText(/ MiB$/).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("another source answers the same queries, and a short link leads to them", async () => {
  const { page, errors } = await stage.open("/sources/main/query?g0.expr=up&g0.tab=table&g0.range_input=7m");
  await page.getByRole("combobox", { name: "Data source" }).selectOption("Other");
  await page.waitForURL(/\/sources\/other\/query\?/);
  await page.getByRole("table", { name: "Query result" }).waitFor();
  expect([parameter(page, "g0.expr"), parameter(page, "g0.range_input")]).toEqual(["up", "7m"]);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make a short link" }).click();
  const short = await page.getByRole("textbox", { name: "Short link" }).inputValue();
  await page.goto(`${stage.base}${new URL(short).pathname}`);
  await page.waitForURL(/\/sources\/other\/query\?.*g0\.end_input=/);
  expect(parameter(page, "g0.expr")).toBe("up");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a query becomes a panel of a new dashboard, as an unsaved change", async () => {
  const { page, errors } = await stage.open("/sources/main/query?g0.expr=sum(up)&g0.tab=graph&g0.range_input=10m");
  await page.getByRole("button", { name: "Add to dashboard" }).click();
  await page.getByRole("button", { name: "Open the dashboard" }).click();
  await page.waitForURL(/\/dashboard\/new\?from=now-10m&to=now/);
  await page.getByRole("region", { name: "sum(up)", exact: true }).waitFor();
  await page.getByRole("button", { name: /^Undo/ }).first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("the pages of a source have the user's menu, and Ctrl+K leads to a dashboard", async () => {
  const { page, errors } = await stage.open("/sources/main/query");
  const signIn = page.getByRole("link", { name: "Sign in" });
  expect(await signIn.getAttribute("href")).toBe("/login?redirectTo=%2Fsources%2Fmain%2Fquery");
  await page.locator(".cm-content").waitFor();
  await page.keyboard.press("ControlOrMeta+k");
  await page.locator('[role="combobox"]:focus').waitFor();
  await page.keyboard.type("memory of");
  const results = page.getByRole("listbox", { name: "Results" });
  await results.getByRole("group", { name: "Dashboards" }).getByRole("option").waitFor();
  await eventually("the dashboard is selected", async () => {
    const selected = results.getByRole("option", { selected: true });
    if (!(await selected.textContent({ timeout: 2000 }))!.startsWith("Memory of the server"))
      await page.keyboard.press("ArrowDown");
    expect(await selected.textContent()).toMatch(/^Memory of the server/);
  });
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/d\/memory\//);
  await page.getByRole("heading", { name: "Memory of the server" }).waitFor();
  const bar = page.getByRole("navigation", { name: "Main" });
  expect(await bar.getByRole("link", { name: "Dashboards" }).getAttribute("data-owner")).toBe("true");
  expect(errors).toEqual([]);
  await page.close();
});
