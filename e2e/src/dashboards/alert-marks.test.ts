import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

// The missing commands that this test needs. The test draws alerts and silences on panels' time axes, with a server
// that evaluates rules and an Alertmanager.
const absent = lacks("browser");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;
let manager: string;

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex([...args]);
  programs.push(program);
  await program.ready(readyUrl);
}

const plot = (id: number, title: string, expr: string): object => ({
  id,
  type: "timeseries",
  title,
  gridPos: { x: (id - 1) * 8, y: 0, w: 8, h: 8 },
  datasource: { type: "prometheus", uid: "main" },
  targets: [{ refId: "A", expr }],
});

const rules = `groups:
- name: g
  interval: 500ms
  rules:
  - alert: Watched
    expr: up{job="self"} >= 0
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }} is up", runbook_url: "https://runbooks.test/up", __dashboardUid__: alerting, __panelId__: "3"}
  - alert: Waiting
    expr: vector(1) > 0
    for: 1h
    annotations: {summary: "waits for an hour", __dashboardUid__: alerting, __panelId__: "4"}
`;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [server, alertmanager, role] = [await freePort(), await freePort(), await freePort()];
  base = `http://127.0.0.1:${role}`;
  manager = `http://127.0.0.1:${alertmanager}`;
  workplace.write("rules.yml", rules);
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${alertmanager}']}]}]}
scrape_configs:
- {job_name: self, static_configs: [{targets: ['127.0.0.1:${server}']}]}
- {job_name: other, static_configs: [{targets: ['127.0.0.1:${alertmanager}']}]}
`,
  );
  workplace.write("alertmanager.yml", "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1
datasources:
- {name: Main, type: prometheus, uid: main, url: 'http://127.0.0.1:${server}', isDefault: true, jsonData: {timeInterval: 1s, alertmanagerUid: am}}
- {name: Manager, type: alertmanager, uid: am, url: '${manager}'}
`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  const panels = [
    plot(1, "Self", 'up{job="self"}'),
    plot(2, "Other", 'up{job="other"}'),
    plot(3, "Named", "time()"),
    { ...plot(4, "Waits", "vector(1)"), gridPos: { x: 0, y: 8, w: 8, h: 8 } },
  ];
  const time = { from: "now-2m", to: "now" };
  workplace.write(
    "dashboards/alerting.json",
    JSON.stringify({ uid: "alerting", title: "Alerting", schemaVersion: 41, time, panels }),
  );
  await Promise.all([
    start(
      [
        "server",
        `--config.file=${workplace.path("prometheus.yml")}`,
        `--storage.tsdb.path=${workplace.path("data")}`,
        `--web.listen-address=127.0.0.1:${server}`,
      ],
      `http://127.0.0.1:${server}/-/ready`,
    ),
    start(
      [
        "alertmanager",
        `--config.file=${workplace.path("alertmanager.yml")}`,
        `--storage.path=${workplace.path("alertmanager")}`,
        `--web.listen-address=127.0.0.1:${alertmanager}`,
        "--cluster.listen-address=",
      ],
      `${manager}/-/ready`,
    ),
    start(
      dashboardsArguments(workplace, role, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]),
      `${base}/api/health`,
    ),
  ]);
  await untilQuery(`http://127.0.0.1:${server}`, "ALERTS", (result) => result.length === 2);
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  workplace?.[Symbol.dispose]();
});

/** Creates a silence of one hour for the alerts with this name. */
async function silence(alertname: string): Promise<void> {
  const [now, hour] = [Date.now(), 3_600_000];
  const response = await fetch(`${manager}/api/v2/silences`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      matchers: [{ name: "alertname", value: alertname, isRegex: false, isEqual: true }],
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(now + hour).toISOString(),
      createdBy: "who works on it",
      comment: "rollout",
    }),
  });
  expect(response.status).toBe(200);
}

test.skipIf(absent)(
  "alerts and silences are shown on the panels that they concern, and can be switched off",
  async () => {
    await silence("Watched");
    const { page, errors } = await openPage(browser, "about:blank");
    const requests: string[] = [];
    page.on("request", (request) => {
      if (request.postData()?.includes("ALERTS") === true) requests.push("firing");
      if (request.url().endsWith("/api/v1/rules")) requests.push("rules");
      if (request.url().endsWith("/api/v2/silences")) requests.push("silences");
    });
    await page.goto(`${base}/d/alerting`);
    const signs = (name: string) =>
      page.getByRole("region", { name, exact: true }).getByRole("group", { name: "Annotations" }).getByRole("button");
    const words = async (name: string) =>
      (await signs(name).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")))).join("\n");
    await eventually("the alert and the silence stand on the panel", async () => {
      expect(await words("Self")).toMatch(/marks|Silence[^]*Alert|Alert[^]*Silence/);
      expect(await words("Named")).toMatch(/marks|Alert/);
      expect(await words("Waits")).toMatch(/^Pending alert at .*: Waiting$/);
    });
    expect(await words("Other")).toBe("");
    // Alerts are requested a second time if the page shortens its range, because the server is new.
    expect([...new Set(requests)].toSorted()).toEqual(["firing", "rules", "silences"]);
    expect(requests.length).toBeLessThanOrEqual(4);
    // Accepts one or two marks in the panel, because a silence that begins soon after the alert shares the alert's
    // mark.
    await page
      .getByRole("region", { name: "Named", exact: true })
      .getByRole("group", { name: "Annotations" })
      .getByRole("button", { name: /marks|Alert/ })
      .first()
      .click();
    const card = page.getByRole("dialog", { name: "Annotations" });
    const link = (name: string) => card.getByRole("link", { name, exact: true }).first().getAttribute("href");
    await eventually("the card tells of the alert", async () =>
      expect(await card.textContent()).toContain("self is up"),
    );
    expect(await link("Alert")).toBe("/sources/main/alerts?search=Watched");
    expect(await link("Dashboard")).toMatch(/^\/d\/alerting\?viewPanel=panel-3&from=\d+&to=now$/);
    expect(await link("Runbook")).toBe("https://runbooks.test/up");
    expect(await link("Silenced")).toMatch(/^\/sources\/am\/silences\/[\w-]+$/);
    await page.keyboard.press("Escape");
    await signs("Waits").click();
    await eventually("what waits to fire says so", async () =>
      expect(await card.textContent()).toMatch(/pending.*waits for an hour/),
    );
    await page.keyboard.press("Escape");
    for (const name of ["Silences", "Alerts"]) await page.getByRole("switch", { name, exact: true }).click();
    await eventually("no mark is left", async () => expect(await signs("Self").count()).toBe(0));
    expect(new URL(page.url()).search).toBe("?silences=false&alerts=false");
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("a silence is created from a panel's menu, with a link back", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/alerting?silences=true`);
  await page.locator('[data-panel-id="2"][data-panel-state="data"]').waitFor();
  const panel = page.getByRole("region", { name: "Other", exact: true });
  await panel.hover();
  await panel.getByRole("button", { name: "Menu of Other" }).click();
  await page.getByRole("menuitem", { name: "Silence…" }).click();
  await page.getByRole("heading", { name: "New silence" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/sources/am/silences/new");
  await eventually("the form holds what the series have alike", async () =>
    expect(await page.getByRole("main").textContent()).toContain('job="other"'),
  );
  await page.getByLabel("Creator").fill("who works on it");
  await page.getByLabel("Comment").fill("rollout of the other");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Silence", exact: true, level: 1 }).waitFor();
  await page.getByRole("link", { name: "Back to dashboard" }).click();
  await page.locator('[data-dashboard-uid="alerting"]').waitFor();
  expect(new URL(page.url()).search).toBe("?silences=true");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "the alerts of the server show their silence, their notifications and the reasons, and silence a rule in two clicks",
  async () => {
    await silence("Watched");
    const { page, errors } = await openPage(browser, `${base}/sources/main/alerts?search=Watched`);
    await page.getByRole("alert").filter({ hasText: "Nobody is notified of alerts" }).waitFor();
    expect(await page.getByRole("link", { name: "Send alerts by e-mail" }).getAttribute("href")).toBe(
      "/docs/alert-email.html",
    );
    const alerts = page.getByRole("table", { name: "Alerts of Watched" });
    await eventually("the Alertmanager has the alert", async () => {
      const text = await alerts.textContent();
      expect(text).toContain("self is up");
      expect(text).toContain("nobody notifies nobody: the receiver has no integrations.");
    });
    expect(await alerts.getByRole("link", { name: "silenced" }).first().getAttribute("href")).toMatch(
      /^\/sources\/am\/silences\/[\w-]+$/,
    );
    await alerts.getByRole("button", { name: "Why?" }).click();
    const why = page.getByRole("dialog", { name: "Who was notified of Watched, and why" });
    await why.getByText("The receiver has no integrations: no notification is sent.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Silence", exact: true }).click();
    await page.getByRole("heading", { name: "New silence" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/sources/am/silences/new");
    await page.getByText('alertname="Watched"').first().waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  "the link of a notification leads to the alerts of the server, and a receiver can be tested",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/sources/am/#/alerts?receiver=nobody`);
    await page.waitForURL("**/sources/main/alerts?receiver=nobody");
    await page.getByText("Receiver nobody").waitFor();
    await page.getByRole("link", { name: "Alert groups of the Alertmanager" }).click();
    await page.getByRole("heading", { name: "Alert groups" }).waitFor();
    await page.goto(`${base}/sources/am/receivers`);
    await page.getByRole("region", { name: "Receivers" }).getByText("the receiver has no integrations").waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);
