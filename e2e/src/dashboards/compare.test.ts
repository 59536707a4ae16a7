import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { pressUntil } from "../support/press-until.ts";
import { lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";
import { openChangedRoles } from "./changed-roles.ts";
import { CHANGE, END } from "./changed-series.ts";

const absent = lacks("browser");
let workplace: Workplace;
let roles: Awaited<ReturnType<typeof openChangedRoles>>;
let browser: Browser;

const datasource = { type: "prometheus", uid: "main" };
const expr = "sum by (status) (rate(requests_total[5m]))";
const legend = { showLegend: true, displayMode: "table", placement: "bottom", calcs: ["mean"] };
const panel = (id: number, type: string, rest: object) => ({
  id,
  type,
  title: type,
  datasource,
  gridPos: { x: ((id - 1) % 2) * 12, y: Math.floor((id - 1) / 2) * 9, w: 12, h: 9 },
  fieldConfig: { defaults: { unit: "reqps" }, overrides: [] },
  ...rest,
});
const dashboard = {
  uid: "requests",
  title: "Requests",
  schemaVersion: 41,
  timezone: "utc",
  time: { from: new Date(CHANGE + 600_000).toISOString(), to: new Date(END - 60_000).toISOString() },
  panels: [
    panel(1, "timeseries", {
      targets: [{ refId: "A", expr, legendFormat: "{{status}}" }],
      options: { legend, tooltip: { mode: "multi" } },
    }),
    panel(2, "stat", { targets: [{ refId: "A", expr, legendFormat: "{{status}}" }], options: {} }),
    panel(3, "bargauge", { targets: [{ refId: "A", expr, legendFormat: "{{status}}" }], options: {} }),
    panel(4, "table", { targets: [{ refId: "A", expr, format: "table", instant: true }], options: {} }),
  ],
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  roles = await openChangedRoles(workplace, { requests: dashboard });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await roles?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

test.skipIf(absent)("among a job's metrics, the label whose change was planted is listed first", async () => {
  const choice = {
    job: "api",
    search: "requests",
    from: String(CHANGE + 600_000),
    to: String(END - 60_000),
    compare: "1d",
  };
  const { page, errors } = await openPage(
    browser,
    `${roles.base}/dashboard/what-changed?${String(new URLSearchParams(choice))}`,
  );
  const lines = page.getByRole("region", { name: "requests_total" }).getByRole("listitem");
  await lines.first().waitFor();
  const texts = await lines.allTextContents();
  expect(texts[0]).toMatch(/^All 9 series.*64\.5.*76/);
  expect(texts[1]).toMatch(/^status="500"\+800%.*1\.50 req\/s.*13\.5 req\/s.*96% of all change/);
  expect(texts[2]).toMatch(/^instance="b"\+55\.8%/);
  const target = (await lines.nth(1).getByRole("link").getAttribute("href"))!;
  const panes = JSON.parse(new URL(target, roles.base).searchParams.get("panes")!);
  expect(panes.a.queries[0].expr).toBe('rate(requests_total{job="api",status="500"}[$__rate_interval])');
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "a dashboard is compared with the day before, and its address contains the comparison",
  async () => {
    const { page, errors } = await openPage(browser, `${roles.base}/d/requests`);
    const graph = page.getByRole("region", { name: "timeseries" });
    await graph.getByRole("row", { name: "500" }).first().waitFor();
    expect(await graph.getByRole("row").allTextContents()).toHaveLength(4);
    await page.getByRole("button", { name: /^Time range:/ }).click();
    await page.getByLabel("Compare with").selectOption("1d");
    await eventually("the legend has what was a day before", async () => {
      const rows = await graph.getByRole("row").allTextContents();
      expect(rows.slice(1)).toEqual([
        "20059.5 req/s (-0.833%)",
        "4043 req/s (0%)",
        "50013.5 req/s (+800%)",
        "200 (1 day earlier)60 req/s",
        "404 (1 day earlier)3 req/s",
        "500 (1 day earlier)1.50 req/s",
      ]);
    });
    expect(new URL(page.url()).searchParams.get("compare")).toBe("1d");
    await page.reload();
    await graph.getByRole("row", { name: "500 (1 day earlier)" }).waitFor();
    await page.getByRole("button", { name: /vs 1 day earlier/ }).waitFor();
    await eventually("the tooltip says how far each lies from what it was", async () => {
      // Reads the position of the plot after the first movement of the pointer, because the page may move the plot
      // then.
      const over = (await graph.locator(".u-over").boundingBox())!;
      await page.mouse.move(over.x + over.width / 2, over.y + over.height / 2);
      expect((await page.locator('[role="tooltip"]:visible').allTextContents()).join("\n")).toMatch(
        /500.*\+12 req\/s, \+800%.*500 \(1 day earlier\).*1\.50 req\/s/s,
      );
    });
    const table = page.getByRole("grid", { name: "table" });
    await eventually("the table has what was a day before, and the change", async () => {
      const rows = await table.getByRole("row").allTextContents();
      expect(rows.join("\n")).toMatch(/\(1 day earlier\).*\(change\)/);
      expect(rows.join("\n")).toMatch(/500.*13\.5 req\/s.*1\.50? req\/s.*800%/);
    });
    await page.goto(`${roles.base}/d/requests?compare=1d&inspect=panel-4`);
    await page.getByRole("grid", { name: "Data" }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    const [head, ...lines] = readFileSync(await file.path(), "utf8").split("\r\n");
    expect(head).toMatch(/\(1 day earlier\)","[^"]*\(change\)"$/);
    expect(lines.find((line) => line.includes('"500"'))).toMatch(/,13\.5 req\/s,1\.50? req\/s,800%$/);
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("a drag over a graph zooms, and the keyboard leads on to what changed in its times", async () => {
  const { page, errors } = await openPage(browser, `${roles.base}/d/requests`);
  const graph = page.getByRole("region", { name: "timeseries" });
  await graph.getByRole("row", { name: "500" }).first().waitFor();
  const before = page.url();
  const drag = async (): Promise<void> => {
    // The keys may have scrolled the page.
    await graph.locator(".u-over").hover();
    const over = (await graph.locator(".u-over").boundingBox())!;
    await page.mouse.move(over.x + over.width / 2, over.y + over.height / 2);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.75, over.y + over.height / 2, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/);
  };
  await drag();
  const note = graph.getByRole("group", { name: /^Zoomed to \d\d:\d\d:\d\d to \d\d:\d\d:\d\d$/ });
  // The note stays while the pointer is in it.
  await note.hover();
  // From the plot, the keys of a user who has just dragged lead back to the note in the head of the panel.
  await pressUntil(page, "Shift+Tab", "Undo");
  await page.keyboard.press("Enter");
  await page.waitForURL(before);
  await note.waitFor({ state: "detached" });
  await drag();
  const zoomed = new URL(page.url()).searchParams;
  await graph.locator(".u-over").hover();
  await page.keyboard.press("p");
  await page.keyboard.press("c");
  await page.getByText(/^Solid: 2019-04-15/).waitFor();
  const asked = new URL(page.url()).searchParams;
  expect([asked.get("expr"), asked.get("from"), asked.get("to")]).toEqual([expr, zoomed.get("from"), zoomed.get("to")]);
  expect(errors).toEqual([]);
  await page.close();
});
