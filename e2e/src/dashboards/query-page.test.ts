import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;

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

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex([...args]);
  programs.push(program);
  await program.ready(readyUrl);
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [server, role] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${role}`;
  const config = `global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${server}']}]\n`;
  const source = (uid: string, name: string, more = ""): string =>
    `{name: ${name}, type: prometheus, uid: ${uid}, url: 'http://127.0.0.1:${server}'${more}}`;
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1\ndatasources: [${source("main", "Main", ", isDefault: true, jsonData: {timeInterval: 2s}")}, ${source("other", "Other")}]\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  workplace.write("dashboards/memory.json", JSON.stringify(dashboard));
  await start(
    [
      "server",
      `--config.file=${workplace.write("prometheus.yml", config)}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${server}`,
    ],
    `http://127.0.0.1:${server}/-/ready`,
  );
  await start(
    dashboardsArguments(workplace, role, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Editor"]),
    `${base}/api/health`,
  );
  await untilQuery(`http://127.0.0.1:${server}`, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

const open = (path: string): ReturnType<typeof openPage> => openPage(browser, base + path);
const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);

test.skipIf(absent)(
  "Explore keeps the range, the unit, the zone and the comparison of a panel, and its variables",
  async () => {
    const { page, errors } = await open("/d/memory?from=now-30m&to=now&compare=previous");
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
  const { page, errors } = await open("/sources/main/query?g0.expr=up&g0.tab=table&g0.range_input=7m");
  await page.getByRole("combobox", { name: "Data source" }).selectOption("Other");
  await page.waitForURL(/\/sources\/other\/query\?/);
  await page.getByRole("table", { name: "Query result" }).waitFor();
  expect([parameter(page, "g0.expr"), parameter(page, "g0.range_input")]).toEqual(["up", "7m"]);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make a short link" }).click();
  const short = await page.getByRole("textbox", { name: "Short link" }).inputValue();
  await page.goto(`${base}${new URL(short).pathname}`);
  await page.waitForURL(/\/sources\/other\/query\?.*g0\.end_input=/);
  expect(parameter(page, "g0.expr")).toBe("up");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a query becomes a panel of a new dashboard, as an unsaved change", async () => {
  const { page, errors } = await open("/sources/main/query?g0.expr=sum(up)&g0.tab=graph&g0.range_input=10m");
  await page.getByRole("button", { name: "Add to dashboard" }).click();
  await page.getByRole("button", { name: "Open the dashboard" }).click();
  await page.waitForURL(/\/dashboard\/new\?from=now-10m&to=now/);
  await page.getByRole("region", { name: "sum(up)", exact: true }).waitFor();
  await page.getByRole("button", { name: /^Undo/ }).first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("the pages of a source have the user's menu, and Ctrl+K leads to a dashboard", async () => {
  const { page, errors } = await open("/sources/main/query");
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
