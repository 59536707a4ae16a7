import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { post } from "../support/stage.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const absent = lacks("browser");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;
/** Ids of objects that the test creates through the dashboards API. */
const made = { snapshot: "" };

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex([...args]);
  programs.push(program);
  await program.ready(readyUrl);
}

const csv = ["host,cpu,ram", "one,3,40", "two,9,20", "three,1,60"].join("\n");
const walk = { scenarioId: "random_walk", seriesCount: 3 };
const table = { scenarioId: "csv_content", csvContent: csv };
const numbers = { scenarioId: "csv_metric_values", stringInput: "1,20,50" };

/** A panel of every type. A type that can colour either the background or the text has a panel for each choice. */
const kinds: readonly (readonly [type: string, target: object, options?: object])[] = [
  ["timeseries", walk, { legend: { displayMode: "table", calcs: ["mean"] } }],
  ["stat", numbers, { colorMode: "background" }],
  ["stat", table, { colorMode: "value", graphMode: "none" }],
  ["gauge", table],
  ["bargauge", table],
  ["table", table],
  ["heatmap", walk, { calculate: true }],
  ["barchart", table],
  ["piechart", table, { legend: { showLegend: true, displayMode: "table", values: ["percent"] } }],
  ["histogram", walk],
  ["state-timeline", walk],
  ["status-history", walk],
  ["text", {}, { mode: "markdown", content: "# One\n\n[Two](/dashboards)" }],
  ["alertlist", {}],
  ["dashlist", {}, { showSearch: true, showStarred: false }],
  ["annolist", {}],
  ["trend", { scenarioId: "csv_content", csvContent: "a,b\n1,2\n2,3" }],
  ["xychart", table],
  ["of-another-world", table],
];

const dashboard = {
  uid: "each",
  title: "Each kind",
  description: "All of them",
  tags: ["one"],
  schemaVersion: 43,
  time: { from: "now-5m", to: "now" },
  links: [{ type: "link", title: "Docs", url: "/dashboards" }],
  templating: {
    list: [
      { name: "letter", type: "custom", query: "a,b,c", multi: true, includeAll: true },
      { name: "words", type: "textbox", query: "some" },
      { name: "on", type: "switch", current: { value: "true" } },
    ],
  },
  annotations: { list: [{ name: "Marks", enable: true, expr: "up", datasource: { uid: "main" }, iconColor: "red" }] },
  panels: kinds.map(([type, target, options = {}], at) => ({
    id: at + 1,
    type,
    title: `${at + 1} ${type}`,
    gridPos: { x: (at % 3) * 8, y: Math.floor(at / 3) * 8, w: 8, h: 8 },
    datasource: { type: "grafana-testdata-datasource", uid: "td" },
    targets: Object.keys(target).length === 0 ? [] : [{ refId: "A", ...target }],
    options,
    fieldConfig: {
      defaults: {
        thresholds: {
          mode: "absolute",
          steps: [
            { color: "green", value: null },
            { color: "orange", value: 10 },
            { color: "yellow", value: 40 },
          ],
        },
      },
      overrides: [],
    },
  })),
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [server, alertmanager, pushgateway, role] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  base = url(role);
  workplace.write("rules.yml", "groups:\n- name: demo\n  rules:\n  - alert: AlwaysOn\n    expr: vector(1)\n");
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${server}']}]\n`,
  );
  workplace.write("alertmanager.yml", "route: {receiver: team}\nreceivers: [{name: team}]\n");
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1
datasources:
- {name: Made up, type: grafana-testdata-datasource, uid: td, isDefault: true}
- {name: Main, type: prometheus, uid: main, url: '${url(server)}'}
- {name: Alerts, type: alertmanager, uid: alerts, url: '${url(alertmanager)}', jsonData: {implementation: prometheus}}
- {name: Pushes, type: narthex-pushgateway, uid: pushes, url: '${url(pushgateway)}'}
`,
  );
  await start(
    [
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${server}`,
    ],
    `${url(server)}/-/ready`,
  );
  await start(
    [
      "alertmanager",
      `--config.file=${workplace.path("alertmanager.yml")}`,
      `--storage.path=${workplace.path("alerts")}`,
      "--cluster.listen-address=",
      `--web.listen-address=127.0.0.1:${alertmanager}`,
    ],
    `${url(alertmanager)}/-/ready`,
  );
  await start(["pushgateway", `--web.listen-address=127.0.0.1:${pushgateway}`], `${url(pushgateway)}/-/ready`);
  await start(
    dashboardsArguments(workplace, role, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]),
    `${base}/api/health`,
  );
  await post(base, "/api/dashboards/db", { dashboard });
  await post(base, "/api/dashboards/db", {
    dashboard: { ...dashboard, version: 1, title: "Each kind, again" },
    message: "Why",
    overwrite: true,
  });
  made.snapshot = (
    await post<{ key: string }>(base, "/api/snapshots", { dashboard: { ...dashboard, panels: [] }, name: "Kept" })
  ).key;
  await untilQuery(url(server), "ALERTS{alertstate='firing'}", (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

/** Path of a page that the test checks, with an optional action on the page before the check. */
type Visit = readonly [path: string | (() => string), act?: (page: Page) => Promise<unknown>];

/** Waits until each panel of the dashboard shows data. */
async function drawn(page: Page): Promise<void> {
  await page.locator('[data-state="ready"]').waitFor();
  await eventually("the panels are drawn", async () =>
    expect(
      await page.locator("[data-panel-id][aria-busy=true], [data-panel-state=loading], [data-panel-drawing]").count(),
    ).toBe(0),
  );
}

const dialog =
  (name: string, role: "button" | "link" = "button") =>
  async (page: Page): Promise<void> => {
    await drawn(page);
    await page.getByRole(role, { name }).first().click();
    await page.getByRole("dialog").waitFor();
  };

const visits: readonly Visit[] = [
  ["/dashboards"],
  ["/d/each", drawn],
  ["/d/each", dialog("Share", "link")],
  ["/d/each?inspect=6", (page) => page.getByRole("dialog").waitFor()],
  ["/d/each?editPanel=6"],
  ["/d/each?editview=settings"],
  ["/d/each?editview=variables"],
  ["/d/each?editview=versions"],
  ["/dashboard/import"],
  ["/dashboard/generate"],
  ["/playlists/new"],
  [() => `/dashboard/snapshot/${made.snapshot}`],
  ["/login"],
  ["/sources/main/alerts"],
  ["/sources/alerts/alerts"],
  ["/sources/pushes/"],
];

test.skipIf(absent).each(["light", "dark"] as const)(
  "axe finds nothing on the pages of dashboards in %s colors",
  async (colorScheme) => {
    const context = await browser.newContext({
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 1400, height: 2200 },
    });
    await context.addInitScript(axeSource());
    const page = await context.newPage();
    const found: unknown[] = [];
    // Checks only contrast in the second colour theme, because the themes differ only in colours.
    const rules = colorScheme === "light" ? undefined : ["color-contrast"];
    page.on("pageerror", (error) => found.push({ page: page.url(), error: error.message }));
    page.on("dialog", (shown) => void shown.accept());
    for (const [path, act] of visits) {
      const address = typeof path === "string" ? path : path();
      await page.goto(base + address);
      await page.locator("main :is(h1, h2, p, button)").first().waitFor();
      await page.waitForLoadState("networkidle");
      await act?.(page);
      for (const finding of await axeFindings(page, rules)) found.push({ address, finding });
    }
    expect(found).toEqual([]);
    await context.close();
  },
  600_000,
);

interface Stop {
  readonly name: string;
  readonly isSeen: boolean;
}

/**
 * Presses Tab. Resolves with the element that gets the focus and whether the focus is visible. Resolves with null after
 * the last element.
 */
async function nextStop(page: Page): Promise<Stop | null> {
  await page.keyboard.press("Tab");
  return page.evaluate(`(() => {
    const stop = document.activeElement;
    if (stop === null || stop === document.body) return null;
    const hasRing = (one) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    };
    const near = [stop, stop.parentElement, stop.nextElementSibling, ...stop.children].filter((one) => one !== null);
    const isField = stop.matches("input:not([type=checkbox]), select, textarea");
    const name = stop.getAttribute("aria-label") ?? stop.textContent.trim().slice(0, 40);
    return { name, isSeen: isField || near.some(hasRing) };
  })()`);
}

test.skipIf(absent)("Tab moves through a dashboard, shows the focus, and reaches a panel's menu", async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1200 } });
  await page.goto(`${base}/d/each`);
  await drawn(page);
  const stops: Stop[] = [];
  for (
    let stop = await nextStop(page);
    stop !== null && stop.name !== "Menu of 1 timeseries";
    stop = await nextStop(page)
  )
    stops.push(stop);
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Menu of 1 timeseries");
  expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
  expect(stops.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      ["Skip to content", "More of Dashboards", "Refresh now"].map((name): unknown => expect.stringContaining(name)),
    ),
  );
  await page.close();
});
