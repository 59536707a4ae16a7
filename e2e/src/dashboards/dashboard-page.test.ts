import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { firstVisit, launchBrowser, MAX_FIRST_VISIT_BYTES, openPage, remoteHost } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, root, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const absent = lacks("browser");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex([...args]);
  programs.push(program);
  await program.ready(readyUrl);
}

const dashboard = {
  uid: "seen",
  title: "Seen <b>as text</b>",
  schemaVersion: 41,
  time: { from: "now-5m", to: "now" },
  templating: {
    list: [
      { name: "job", type: "query", query: "label_values(up, job)", datasource: { uid: "main" }, refresh: 1 },
      { name: "unknown", type: "query", query: "label_values(up{job='$job'}, nothing)", datasource: { uid: "main" } },
    ],
  },
  panels: [
    panel(1, "timeseries", 0, { title: "Up of $job", targets: [target('up{job="$job"}')] }),
    panel(2, "stat", 8, { title: "Targets", targets: [target("count(up)", true)] }),
    panel(3, "timeseries", 16, { title: "Nothing", targets: [target("nothing_of_this_name")] }),
    panel(4, "timeseries", 0, { title: "Broken", targets: [target("up{")] }),
    panel(5, "of-another-world", 8, { title: "Unknown", targets: [target("up")] }),
    {
      id: 6,
      type: "row",
      title: "Later",
      collapsed: true,
      gridPos: { x: 0, y: 20, w: 24, h: 1 },
      panels: [panel(7, "stat", 0, { title: "Within", targets: [target("vector(7)", true)] }, 21)],
    },
  ],
};

/** A dashboard whose panels use a variable, have no query, or reuse another panel's query results. */
const queryDashboard = {
  uid: "asking",
  title: "Asking",
  schemaVersion: 43,
  time: { from: "now-5m", to: "now" },
  templating: { list: [{ name: "kind", type: "custom", query: "up,scrape_duration_seconds", skipUrlSync: true }] },
  annotations: { list: [{ name: "Marks", enable: true, expr: "up", datasource: { uid: "main" }, iconColor: "red" }] },
  panels: [
    panel(1, "timeseries", 0, { title: "$kind", targets: [target("$kind")] }),
    panel(2, "stat", 8, {
      title: "Fixed",
      timeFrom: "2m",
      targets: [target("count(up)")],
      links: [{ title: "Docs", url: "/d/seen" }],
    }),
    panel(3, "table", 16, {
      title: "Lent",
      targets: [{ refId: "A", panelId: 1 }],
      datasource: { uid: "-- Dashboard --" },
    }),
  ],
};

/** A dashboard with common panel types, in an older version of Grafana's dashboard schema. */
const usual = {
  uid: "usual",
  title: "Usual",
  schemaVersion: 36,
  time: { from: "now-5m", to: "now" },
  templating: dashboard.templating,
  panels: ["timeseries", "stat", "gauge"].map((type, index) =>
    panel(index + 1, type, index * 8, { title: type, targets: [target("up"), { ...target("count(up)"), refId: "B" }] }),
  ),
};

function panel(id: number, type: string, x: number, rest: object, y = id < 4 ? 0 : 8): object {
  return { id, type, gridPos: { x, y, w: 8, h: 8 }, datasource: { type: "prometheus", uid: "main" }, ...rest };
}

function target(expr: string, instant = false): object {
  return { refId: "A", expr, instant, range: !instant };
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [server, role] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${role}`;
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${server}']}]\n`,
  );
  workplace.write(
    "provisioning/datasources/main.yml",
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: 'http://127.0.0.1:${server}', isDefault: true, jsonData: {timeInterval: 1s}}]\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  workplace.write("dashboards/seen.json", JSON.stringify(dashboard));
  workplace.write("dashboards/asking.json", JSON.stringify(queryDashboard));
  workplace.write("dashboards/usual.json", JSON.stringify(usual));
  workplace.write("dashboards/host.json", readFileSync(join(root, "deploy/dashboards/host.json"), "utf8"));
  await start(
    [
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${server}`,
    ],
    `http://127.0.0.1:${server}/-/ready`,
  );
  await start(dashboardsArguments(workplace, role), `${base}/api/health`);
  await untilQuery(`http://127.0.0.1:${server}`, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

/** Resolves with the state of each dashboard panel on the page, by panel id. */
const states = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(
    `Object.fromEntries([...document.querySelectorAll("[data-panel-id]")].map(({ dataset }) => [dataset.panelId, dataset.panelState]))`,
  );

test.skipIf(absent)("a dashboard shows its data, or the reason in each panel without data", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/seen`);
  await eventually("every panel is settled", async () => {
    expect(await states(page)).toEqual({
      1: "data",
      2: "data",
      3: "empty",
      4: "error",
      5: "unsupported",
      6: "data",
    });
  });
  expect(await page.title()).toContain("Seen <b>as text</b>");
  expect(await page.getByRole("heading", { name: "Seen <b>as text</b>" }).count()).toBe(1);
  await page.getByRole("region", { name: "Up of self" }).locator("canvas").waitFor();
  await page.getByRole("region", { name: "Targets" }).getByText("1", { exact: true }).waitFor();
  expect(await page.getByRole("region", { name: "Broken" }).textContent()).toContain("parse error");
  expect(new URL(page.url()).searchParams.get("var-job")).toBeNull();
  const unknown = page.getByRole("region", { name: "Unknown" });
  await unknown.getByRole("button", { name: "Show as table" }).click();
  await unknown.getByRole("columnheader", { name: /Time/ }).waitFor();
  await unknown.getByRole("button", { name: "series" }).click();
  await unknown.locator("canvas").waitFor();
  await eventually("it says what its data says", async () => expect((await states(page))[5]).toBe("data"));
  await page.getByRole("button", { name: /^Later/ }).click();
  await eventually("the row's panel has data", async () => expect((await states(page))[7]).toBe("data"));
  await page.getByRole("region", { name: "Within" }).getByText("7", { exact: true }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a first visit to a dashboard loads few and small files until its panels are drawn", async () => {
  const visit = await firstVisit(browser, `${base.replace("127.0.0.1", remoteHost)}/d/usual`, (page) =>
    eventually("every panel has data", async () => {
      expect(await states(page)).toEqual({ 1: "data", 2: "data", 3: "data" });
    }),
  );
  // Small files are sent without compression.
  expect([...visit.encodings]).not.toContain("br");
  expect([...visit.encodings]).toContain("gzip");
  expect(visit.fileBytes).toBeGreaterThan(200_000);
  expect(visit.fileBytes).toBeLessThanOrEqual(MAX_FIRST_VISIT_BYTES);
  expect(visit.files).toBeLessThanOrEqual(14);
});

test.skipIf(absent)("the panels use the time range in the address, and a selection changes the address", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/seen/any-slug?from=now-2m&to=now`);
  await page.getByRole("button", { name: /Last 2 minutes/ }).click();
  await page.getByText("Last 15 minutes").click();
  await eventually("the address has the range", async () => expect(page.url()).toContain("from=now-15m"));
  await page.goBack();
  await eventually("it is back", async () => expect(page.url()).toContain("from=now-2m"));
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "a change reloads only the panels that it concerns, and a panel can show another's answers",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/d/asking`);
    const requests: string[] = [];
    page.on("request", (request) => {
      // Records the panels in a request for panel data. The first line of the request body is a header; each other line
      // belongs to one panel.
      if (request.url().endsWith("/api/narthex/panels/query"))
        requests.push(...request.postData()!.split("\n").slice(1));
    });
    const settled = async () => {
      await eventually("every panel has data", async () => {
        expect(await states(page)).toEqual({ 1: "data", 2: "data", 3: "data" });
        expect(await page.locator("[data-panel-id][aria-busy=true]").count()).toBe(0);
      });
      return requests.splice(0).map((body) => /"expr":"([^"]*)"/.exec(body)![1]);
    };
    await settled();
    await page.getByRole("region", { name: "Fixed" }).getByText("Last 2 minutes").waitFor();
    expect(await page.getByRole("link", { name: "Docs" }).getAttribute("href")).toBe("/d/seen");
    await page.getByRole("switch", { name: "Marks" }).waitFor();
    await page.getByRole("combobox", { name: "Refresh interval" }).selectOption("1h");
    await eventually("the address has the interval", async () => expect(page.url()).toContain("refresh=1h"));
    await page.getByRole("button", { name: "kind: up" }).click();
    await page.getByRole("option", { name: "scrape_duration_seconds" }).click();
    await page.getByRole("region", { name: "scrape_duration_seconds" }).waitFor();
    expect(await settled()).toEqual(["scrape_duration_seconds"]);
    await page
      .getByRole("region", { name: "Lent" })
      .getByText(/scrape_duration_seconds/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Refresh now" }).click();
    await eventually("panels with queries have sent them", async () => expect(requests.length).toBe(2));
    expect((await settled()).toSorted()).toEqual(["count(up)", "scrape_duration_seconds"]);
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("all panels are printed after their data has arrived, each on one page", async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.addInitScript(
    "print = () => { document.body.dataset.printed = String(document.querySelectorAll('canvas').length); }",
  );
  await page.goto(`${base}/d/seen?print=true&theme=light`);
  await page.locator("body[data-printed]").waitFor();
  expect(await states(page)).toEqual({ 1: "data", 2: "data", 3: "empty", 4: "error", 5: "unsupported", 6: "data" });
  expect(Number(await page.locator("body").getAttribute("data-printed"))).toBeGreaterThan(0);
  const sheets = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
  expect(sheets.match(/\/Type \/Page\b/g)).toHaveLength(1);
  await page.getByRole("link", { name: "Back to dashboard" }).click();
  await page.getByRole("combobox", { name: "Refresh interval" }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("the list finds a dashboard and opens it", async () => {
  const { page, errors } = await openPage(browser, `${base}/dashboards`);
  await page.getByPlaceholder(/Search/).fill("as text");
  await page.getByRole("link", { name: /Seen/ }).first().click();
  await page.locator('[data-dashboard-uid="seen"][data-state="ready"]').waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
