import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks, peers } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const absent = lacks("browser", "peers");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;
let server: string;

const dashboard = {
  uid: "service",
  title: "Service: {all}",
  schemaVersion: 41,
  time: { from: "now-5m", to: "now" },
  templating: {
    list: [
      {
        name: "job",
        type: "custom",
        multi: true,
        query: 'self,a"b\\,c.d',
        current: { text: ["self"], value: ["self"] },
      },
    ],
  },
  panels: [
    {
      id: 7,
      type: "timeseries",
      title: "Share that is up",
      gridPos: { x: 0, y: 0, w: 24, h: 8 },
      datasource: { type: "prometheus", uid: "main" },
      fieldConfig: {
        defaults: {
          unit: "percentunit",
          thresholds: {
            mode: "absolute",
            steps: [
              { value: null, color: "green" },
              { value: 0.5, color: "orange" },
              { value: 0.9, color: "red" },
            ],
          },
        },
        overrides: [],
      },
      targets: [{ refId: "A", expr: 'avg by (job) (avg_over_time(up{job=~"$job"}[$__rate_interval]))' }],
    },
    { id: 8, type: "text", title: "Words", gridPos: { x: 0, y: 8, w: 24, h: 3 }, options: { content: "words" } },
  ],
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [port, role] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${role}`;
  server = `http://127.0.0.1:${port}`;
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n`,
  );
  workplace.write(
    "provisioning/datasources/main.yml",
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: '${server}', isDefault: true, jsonData: {timeInterval: 1s}}]\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  workplace.write("dashboards/service.json", JSON.stringify(dashboard));
  const started = narthex([
    "server",
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--rules.api.path=${workplace.path("stored-rules")}`,
  ]);
  programs.push(started);
  const dashboards = narthex(
    dashboardsArguments(workplace, role, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Editor"]),
  );
  programs.push(dashboards);
  await started.ready(`${server}/-/ready`);
  await dashboards.ready(`${base}/api/health`);
  // PromQL expression that is true if the share exceeded the threshold for longer than the alerting rule's `for`. A
  // busy machine misses scrapes, which lowers the share.
  const over = "count_over_time((avg_over_time(up[5m]) >= 0.9)[1m:1s]) > 5";
  await untilQuery(server, over, (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

interface FiringAlert {
  readonly state: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

async function alerts(): Promise<readonly FiringAlert[]> {
  const response = await fetch(`${server}/api/v1/alerts`);
  return ((await response.json()) as { data: { alerts: readonly FiringAlert[] } }).data.alerts;
}

test.skipIf(absent)("a panel's threshold becomes a rule that the server stores, and that fires", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/service?from=now-5m&to=now`);
  await page.getByRole("region", { name: "Share that is up" }).hover();
  await page.getByRole("button", { name: "Menu of Share that is up" }).click();
  await page.getByRole("menuitem", { name: "Alert rule from threshold…" }).click();
  const drawer = page.getByRole("dialog", { name: "Alert rule: Share that is up" });
  await drawer.getByText("Checked: a server accepts this rule.").waitFor();
  await drawer.getByText("The window of 5m replaces $__rate_interval").waitFor();
  expect(await drawer.getByLabel("Name", { exact: true }).inputValue()).toBe("ShareThatIsUpHigh");
  // Enters an invalid duration for the alerting rule. The error must be shown next to the input field.
  await drawer.getByLabel("For", { exact: true }).fill("5 minutes");
  await drawer
    .getByText(/in duration "5 minutes"/)
    .first()
    .waitFor();
  expect(await drawer.getByLabel("For", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  await drawer.getByLabel("For", { exact: true }).fill("1s");
  await drawer.getByText(/It would have fired once in 5m, of 1 series/).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    drawer.getByRole("button", { name: "Download ShareThatIsUpHigh.yml" }).click(),
  ]);
  const saved = workplace.path("made.yml");
  copyFileSync(await file.path(), saved);
  expect(execFileSync(join(peers, "promtool"), ["check", "rules", saved], { encoding: "utf8" })).toContain(
    "SUCCESS: 1 rules found",
  );
  const form = drawer.getByRole("region", { name: "Save the rule" });
  await form.getByText("Creates this group.").waitFor();
  expect(await form.getByLabel("Namespace").inputValue()).toBe("dashboards");
  expect(await form.getByLabel("Group").inputValue()).toBe("Service: {all}");
  await form.getByRole("button", { name: "Save rule" }).click();
  await form.getByText("The rule is saved").waitFor();
  await form.getByText("Replaces the alert of the same name and severity in this group.").waitFor();
  await eventually("the alert fires", async () => {
    expect((await alerts()).map(({ state, labels }) => [state, labels])).toEqual([
      ["firing", { alertname: "ShareThatIsUpHigh", job: "self", severity: "critical" }],
    ]);
  });
  const [{ annotations }] = (await alerts()) as [FiringAlert];
  expect(annotations).toMatchObject({
    summary: "Share that is up of self is at or above 90%",
    // Accepts a share of successful scrapes below 100 %, because a busy machine misses scrapes.
    description: expect.stringMatching(
      /^Share that is up has been at or above 90% for 1s; it is (?:9\d(?:\.\d+)?|100)% now\.$/,
    ),
    __dashboardUid__: "service",
    __panelId__: "7",
  });
  await form.getByRole("link", { name: "Edit rules" }).click();
  await page.getByRole("button", { name: /^Service: \{all\} 1 rule/ }).waitFor();
  await page.goBack();
  // Opens the URL in the alert's annotation, which leads to the alert's panel.
  await page.goto(annotations["dashboard"]!);
  await page.getByRole("region", { name: "Share that is up" }).locator("canvas").waitFor();
  expect(await page.getByRole("region", { name: "Words" }).count()).toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "values of variables with quotes and backslashes stay unchanged, and a panel without queries has no rule",
  async () => {
    const { page, errors } = await openPage(
      browser,
      `${base}/d/service?var-job=self&var-job=a"b%5Cc.d&alertRule=panel-7`,
    );
    const drawer = page.getByRole("dialog", { name: "Alert rule: Share that is up" });
    await drawer.getByText("Checked: a server accepts this rule.").waitFor();
    await drawer
      .getByText(String.raw`job=~"(self|a\"b\\\\c\\.d)"`)
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Words" }).first().hover();
    await page.getByRole("button", { name: "Menu of Words" }).click();
    await page.getByRole("menuitem", { name: /^View/ }).waitFor();
    expect(await page.getByRole("menuitem", { name: /^Alert rule/ }).count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  },
);
