import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser } from "../support/headless-browser.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");

let workplace: Workplace;
const running: Running[] = [];
let browser: Browser;
const roots = { server: "", alertmanager: "", pushgateway: "" };

async function start(role: keyof typeof roots, args: readonly string[]): Promise<void> {
  const port = await freePort();
  roots[role] = `http://127.0.0.1:${port}`;
  const started = narthex([role, ...args, `--web.listen-address=127.0.0.1:${port}`]);
  running.push(started);
  await started.ready(`${roots[role]}/-/ready`);
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function fillAlertmanager(): Promise<void> {
  const api = `${roots.alertmanager}/api/v2`;
  const [endsAt, later] = [1, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  const [critical, info] = [
    { alertname: "HighLatency", instance: "web-1", severity: "critical" },
    { alertname: "HighLatency", instance: "web-2", severity: "info" },
  ];
  // Without `endsAt`, the alerts would end after five minutes, while a slow machine still visits pages.
  await post(`${api}/alerts`, [
    { labels: critical, endsAt, annotations: { summary: "slow" } },
    { labels: info, endsAt },
  ]);
  await post(`${api}/silences`, {
    matchers: [{ name: "instance", value: "web-2", isRegex: false, isEqual: true }],
    // Begins after the test, because the pages do not show silenced alerts.
    startsAt: endsAt,
    endsAt: later,
    createdBy: "ann",
    comment: "deploy",
  });
  const [alert] = (await (await fetch(`${api}/alerts?filter=instance=web-1`)).json()) as { fingerprint: string }[];
  const comment = "the disk is being replaced";
  await post(`${api}/narthex/alerts/${alert!.fingerprint}/acknowledgement`, { createdBy: "ann", comment });
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  workplace.write("rules.yml", "groups:\n- name: demo\n  rules:\n  - alert: AlwaysOn\n    expr: vector(1)\n");
  const target = "{targets: ['127.0.0.1:1']}";
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
- job_name: down
  static_configs: [${target}]
`,
  );
  workplace.write("alertmanager.yml", "route: {receiver: team, group_by: [alertname]}\nreceivers: [{name: team}]\n");
  await start("server", [
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
  ]);
  await start("alertmanager", [
    `--config.file=${workplace.path("alertmanager.yml")}`,
    `--storage.path=${workplace.path("alerts")}`,
    "--cluster.listen-address=",
  ]);
  await start("pushgateway", []);
  await fillAlertmanager();
  await fetch(`${roots.pushgateway}/metrics/job/backup`, { method: "POST", body: "last_success 1\n" });
  await untilQuery(roots.server, "ALERTS{alertstate='firing'}", (result) => result.length === 1);
  await untilQuery(roots.server, "up", (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  workplace?.[Symbol.dispose]();
});

/** A page of a server to check, and an optional action on the page before the check. */
type Visit = readonly [role: keyof typeof roots, path: string, act?: (page: Page) => Promise<unknown>];

const click = (name: string) => (page: Page) => page.getByRole("button", { name }).first().click();

const visits: readonly Visit[] = [
  ["server", "/query?g0.expr=up&g0.tab=table"],
  ["server", "/query?g0.expr=up&g0.tab=table", click("Query options")],
  [
    "server",
    "/query",
    async (page) => {
      await click("Query options")(page);
      await page.getByRole("menuitem", { name: "Explore metrics" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "server",
    "/query?g0.expr=up&g0.tab=graph&g0.range_input=5m",
    (page) => page.locator("[data-series-count]").waitFor(),
  ],
  [
    "server",
    "/query?g0.expr=sum(up)%20%2F%20on()%20count(up)&g0.tab=explain",
    (page) =>
      page
        .getByText(/1 result/)
        .first()
        .waitFor(),
  ],
  [
    "server",
    "/query?g0.expr=sum(up)&g0.tab=table&g0.show_tree=1",
    (page) =>
      page
        .getByText(/1 result/)
        .first()
        .waitFor(),
  ],
  [
    "server",
    "/query?g0.expr=sum(up)&g0.tab=plan",
    (page) => page.getByRole("list", { name: "Plan of the query" }).waitFor(),
  ],
  [
    "server",
    "/query?g0.expr=upp&g0.tab=table",
    async (page) => {
      await click("Why is it empty?")(page);
      await page.getByText("Why the result is empty").waitFor();
    },
  ],
  ["server", "/alerts", click("AlwaysOn")],
  ["server", "/rules"],
  ["server", "/targets"],
  ["server", "/service-discovery"],
  ["server", "/status"],
  ["server", "/status", click("Settings")],
  ["server", "/tsdb-status"],
  ["server", "/active-queries"],
  ["server", "/metric-usage"],
  ["server", "/objectives"],
  ["server", "/edit-rules"],
  ["server", "/backtest"],
  ["server", "/flags"],
  ["server", "/config"],
  ["server", "/alertmanager-discovery"],
  ["server", "/nowhere"],
  ["alertmanager", "/alerts"],
  ["alertmanager", "/alerts", (page) => page.getByText("Acknowledged by ann").waitFor()],
  ["alertmanager", "/alerts", click("Why?")],
  [
    "alertmanager",
    "/alerts",
    async (page) => {
      await page.getByRole("article").getByRole("button", { name: "Acknowledge" }).click();
      await page.getByLabel("Your name").fill("");
      await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
      await page.getByText("Enter your name").waitFor();
    },
  ],
  ["alertmanager", "/silences"],
  ["alertmanager", "/silences/new", click("Choose the day: start")],
  ["alertmanager", "/silences/new", click("Create")],
  ["alertmanager", "/silences/unknown"],
  ["alertmanager", "/notifications"],
  ["alertmanager", "/receivers"],
  ["alertmanager", "/receivers", click("Add receiver")],
  ["alertmanager", "/status"],
  ["alertmanager", "/settings"],
  ["pushgateway", "/"],
  ["pushgateway", "/", click("Delete Group")],
  ["pushgateway", "/status"],
];

/**
 * axe rules about colours. These rules are also checked in the second colour scheme, in which the elements are the
 * same.
 */
const COLOR_RULES = ["color-contrast", "link-in-text-block"];

test.skipIf(absent).each(Object.keys(roots))(
  "axe finds nothing on the pages of the %s in light and in dark colors, each with a heading of the first level",
  async (role) => {
    const context = await browser.newContext({ colorScheme: "light", reducedMotion: "reduce" });
    await context.addInitScript(axeSource());
    const page = await context.newPage();
    const scheme = (): Promise<unknown> => page.evaluate("document.documentElement.dataset.mantineColorScheme");
    const found: unknown[] = [];
    for (const [owner, path, act] of visits) {
      if (owner !== role) continue;
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(roots[owner] + path);
      await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
      await page.waitForLoadState("networkidle");
      await act?.(page);
      expect(await scheme()).toBe("light");
      for (const finding of await axeFindings(page)) found.push({ path, finding });
      await page.emulateMedia({ colorScheme: "dark" });
      await eventually("the page is dark", async () => expect(await scheme()).toBe("dark"));
      for (const finding of await axeFindings(page, COLOR_RULES)) found.push({ path, scheme: "dark", finding });
    }
    expect(found).toEqual([]);
    await context.close();
  },
  600_000,
);
