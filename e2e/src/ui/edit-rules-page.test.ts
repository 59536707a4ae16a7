import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
let server: Running;
let alertmanager: Running;
let browser: Browser;
let base: string;

const ROUTES = `
route: {receiver: mail, routes: [{receiver: pager, matchers: ['severity="page"'], continue: true}, {receiver: eu, matchers: ['cluster="eu"']}]}
receivers: [{name: mail}, {name: pager}, {name: eu}]
`;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [port, alertPort] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${port}`;
  const config = `global: {evaluation_interval: 200ms, external_labels: {cluster: eu}}
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${alertPort}']}]}]}
scrape_configs: []
`;
  alertmanager = narthex([
    "alertmanager",
    `--config.file=${workplace.write("alertmanager.yml", ROUTES)}`,
    `--storage.path=${workplace.path("alerts")}`,
    `--web.listen-address=127.0.0.1:${alertPort}`,
    "--cluster.listen-address=",
  ]);
  server = narthex([
    "server",
    `--config.file=${workplace.write("prometheus.yml", config)}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--rules.api.path=${workplace.path("stored-rules")}`,
  ]);
  await Promise.all([server.ready(`${base}/-/ready`), alertmanager.ready(`http://127.0.0.1:${alertPort}/-/ready`)]);
  browser = await launchBrowser();
});

afterAll(async () => {
  if (absent) return;
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await alertmanager?.[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

const stored = async (path: string): Promise<string> => (await fetch(`${base}/config/v1/rules/${path}`)).text();

test.skipIf(absent)(
  "a person writes a group with preview and receivers, saves it after a comparison, and restores an earlier text",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/edit-rules`);
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByLabel("Namespace").fill("shop/eu");
    await page.getByLabel("Name of the group").fill("web");
    const rule = page.getByRole("region", { name: "Rule 1" });
    await rule.getByLabel("Name of the alert").fill("Down");
    await rule.getByLabel("Value of label 1").fill("page");
    await rule.getByRole("textbox", { name: /expression/i }).click();
    await page.keyboard.type("vector(7)");
    await page.keyboard.press("Escape");
    await rule.getByRole("button", { name: "Current result" }).click();
    await rule.getByText("1 alert at this moment").waitFor();
    await rule.getByRole("button", { name: "Receivers" }).click();
    // The route of the external label cluster is a receiver too.
    for (const name of ["pager", "eu"]) await rule.getByText(name, { exact: true }).waitFor();
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "Review and save" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: /^web 1 rule/ }).waitFor();
    expect(await stored("shop%2Feu/web")).toContain("expr: vector(7)");

    // A broken expression is reported with its place, and changes nothing.
    await page.getByRole("button", { name: /^web 1 rule/ }).click();
    await rule.getByLabel("For", { exact: true }).fill("5 minutes");
    await page.getByRole("button", { name: "Review and save" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await dialog.getByText(/unknown unit/).waitFor();
    await dialog.getByRole("button", { name: "Back" }).click();
    await rule.getByLabel("For", { exact: true }).fill("1m");

    // Someone else changes the group in the meantime.
    const other = "name: web\nrules:\n- alert: Other\n  expr: vector(1)\n";
    await fetch(`${base}/config/v1/rules/shop%2Feu`, { method: "POST", body: other });
    await page.getByRole("button", { name: "Review and save" }).click();
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    await dialog.getByText(/Someone else has changed this group/).waitFor();
    expect(await stored("shop%2Feu/web")).toBe(other);
    await dialog.getByRole("button", { name: /load the group again/ }).click();
    await eventually("the group is loaded again", async () =>
      expect(await rule.getByLabel("Name of the alert").inputValue()).toBe("Other"),
    );

    await page.getByRole("button", { name: "History" }).click();
    await dialog.getByRole("button", { name: "Restore the text before" }).first().click();
    await eventually("the earlier text is back", async () =>
      expect(await stored("shop%2Feu/web")).toContain("expr: vector(7)"),
    );
    expect(errors).toEqual([]);
  },
);
