import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
let browser: Browser;
const running: Running[] = [];

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  browser = await launchBrowser();
});

afterAll(async () => {
  if (absent) return;
  await browser?.close();
  await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  workplace[Symbol.dispose]();
});

/** Starts a server with one group of rules, and returns its address. */
async function start(name: string, args: readonly string[]): Promise<string> {
  const base = `http://127.0.0.1:${await freePort()}`;
  const rules = `groups:
- name: demo
  interval: 1m
  rules:
  - {record: seconds, expr: time()}
  - {alert: Busy, expr: "seconds % 7200 < 3600", for: 10m, labels: {severity: page}}
`;
  workplace.write("rules.yml", rules);
  const server = narthex([
    "server",
    `--config.file=${workplace.write(`${name}.yml`, "rule_files: [rules.yml]\nscrape_configs: []\n")}`,
    `--storage.tsdb.path=${workplace.path(name)}`,
    `--web.listen-address=${base.slice("http://".length)}`,
    ...args,
  ]);
  running.push(server);
  await server.ready(`${base}/-/ready`);
  return base;
}

const ALERTMANAGER = `route: {receiver: team, group_by: [alertname]}
receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}]
`;

const SILENCES = JSON.stringify([
  {
    id: "8a1f0d0e-5f0c-4c1c-9d0b-1f2e3d4c5b6a",
    status: { state: "active" },
    createdBy: "a",
    comment: "maintenance",
    matchers: [{ name: "alertname", value: "Busy", isRegex: false, isEqual: true }],
    startsAt: "2025-12-31T00:00:00Z",
    endsAt: "2026-01-03T00:00:00Z",
    updatedAt: "2025-12-31T00:00:00Z",
  },
]);

test.skipIf(absent)(
  "a person chooses a loaded group, and sees when its alert would have fired and who would have been notified",
  async () => {
    const base = await start("on", ["--web.enable-backtest", `--rules.api.path=${workplace.path("stored-rules")}`]);
    const { page, errors } = await openPage(browser, `${base}/backtest`);
    const rules = page.getByRole("textbox", { name: "Rules", exact: true });
    await page.getByLabel("Loaded group").selectOption({ index: 1 });
    await page.getByText("alert: Busy").waitFor({ state: "attached" });
    expect(await rules.inputValue()).toContain("        expr: 'seconds % 7200 < 3600'\n        for: 10m\n");
    await page.getByLabel("Alertmanager", { exact: true }).fill(ALERTMANAGER);
    await page.getByLabel(/^End/).fill("2026-01-02 00:00:00");
    await page.getByRole("button", { name: "Run backtest" }).click();

    // A day has twelve periods of two hours. In each of them the alert is pending, fires, and is resolved.
    const timeline = page.getByRole("region", { name: "Timeline" });
    const lane = timeline.getByRole("img", { name: /^Busy, fired 12 × for / });
    await lane.waitFor();
    expect(await lane.locator("[data-kind=firing]").count()).toBe(12);
    expect(await lane.locator("[data-kind=pending]").count()).toBe(12);
    const marks = timeline.getByRole("img", { name: /^To team, / });
    expect(await marks.locator("[data-kind=notification]").count()).toBeGreaterThanOrEqual(12);
    expect(await page.getByRole("table", { name: "Occurrences" }).getByRole("row").count()).toBe(13);
    await page.getByRole("table", { name: "Sent notifications" }).getByText("first notification").first().waitFor();
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);

    // The old version fires for a shorter time, so no firing is lost. A silence holds all notifications back.
    await page.getByLabel("Old rules").fill((await rules.inputValue()).replace("< 3600", "< 60"));
    await page.getByLabel("Silences", { exact: true }).fill(SILENCES);
    await page.getByRole("button", { name: "Run backtest" }).click();
    await page.getByText("12 firings only in the new version, 0 only in the old version.").waitFor();
    const different = page.getByRole("table", { name: "Different firings" });
    expect(await different.getByRole("row").count()).toBe(13);
    await page.getByText("Both versions have the same notifications.").waitFor();
    await page.getByText("Nobody would have been notified").waitFor();
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);

    // An error of the server is shown with its place.
    await rules.fill("groups:\n  - name: web\n    rules:\n      - {alert: A, expr: up ==}\n");
    await page.getByRole("button", { name: "Run backtest" }).click();
    await page.getByText(/:4:\d+: .*could not parse expression/).waitFor();

    // The editor runs a backtest of a rule that is not saved.
    await page.goto(`${base}/edit-rules`);
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByLabel("Name of the group").fill("web");
    const rule = page.getByRole("region", { name: "Rule 1" });
    await rule.getByLabel("Name of the alert").fill("Always");
    await rule.getByRole("textbox", { name: /expression/i }).click();
    await page.keyboard.type("vector(7)");
    await page.keyboard.press("Escape");
    await rule.getByRole("button", { name: "Backtest", exact: true }).click();
    await rule.getByRole("button", { name: "Run backtest" }).click();
    await rule.getByRole("img", { name: /^Always, fired 1 × for / }).waitFor();
    expect(errors).toEqual([]);
  },
);

test.skipIf(absent)("a server without backtests names the flag that enables them", async () => {
  const base = await start("off", []);
  const { page, errors } = await openPage(browser, `${base}/backtest`);
  await page.getByText("--web.enable-backtest").waitFor();
  expect(await page.getByRole("button", { name: "Run backtest" }).count()).toBe(0);
  expect(errors).toEqual([]);
});
