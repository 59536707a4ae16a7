import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePortOffset } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { pressUntil } from "../support/press-until.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, root, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

// The missing commands that this test needs. The test opens the stack's dashboards with data about the stack itself.
const absent = lacks("browser", "curl");
const folder = join(root, "deploy/dashboards");
let workplace: Workplace;
let up: Running;
let browser: Browser;
let base: string;
let server: string;

interface Listed {
  readonly uid: string;
  readonly panels: readonly { readonly id: number; readonly title: string; readonly type: string }[];
}
const dashboards: readonly Listed[] = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Listed,
);

/**
 * Panels without data in a healthy stack: they only show data if something fails, fires or is limited, or if a
 * container is monitored.
 */
const MAY_BE_EMPTY: Readonly<Record<string, readonly string[] | "all">> = {
  "narthex-overview": ["Firing and pending alerts"],
  "narthex-containers": "all",
  "narthex-alerts": [
    "Now",
    "Alerts over time",
    "Firing by name",
    "Firing for",
    "Notifications by receiver",
    "Time to notify",
  ],
  "narthex-http": ["Share of errors by route"],
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const offset = await freePortOffset();
  base = `http://127.0.0.1:${3000 + offset}`;
  up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`], {
    env: { ...process.env, GF_AUTH_ANONYMOUS_ENABLED: "true" },
  });
  await up.ready(`${base}/api/health`);
  execFileSync("sh", [
    "-c",
    `echo "rows 3" | curl -sS --fail --retry 60 --retry-connrefused --retry-delay 1 --data-binary @- http://127.0.0.1:${9091 + offset}/metrics/job/backup/instance/a`,
  ]);
  server = `http://127.0.0.1:${9090 + offset}`;
  await untilQuery(server, "rate(prometheus_http_requests_total[1m])", (result) => result.length > 0);
  await untilQuery(server, "count_over_time(push_time_seconds[1m]) > 3", (result) => result.length === 1);
  await untilQuery(server, "count_over_time(up[1m]) > 4", (result) => result.length === 5);
  browser = await launchBrowser();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await up?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

const states = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(
    `Object.fromEntries([...document.querySelectorAll("[data-panel-id]")].map(({ dataset }) => [dataset.panelId, dataset.panelState]))`,
  );

test.skipIf(absent).each(dashboards.map(({ uid, panels }) => ({ uid, panels })))(
  "the dashboard $uid shows data in every panel",
  async ({ uid, panels }) => {
    const { page, errors } = await openPage(browser, `${base}/d/${uid}?from=now-15m&to=now&refresh=5s`);
    // Makes the browser window so high that all panels are visible.
    await page.setViewportSize({ width: 1400, height: 4000 });
    const mayBeEmpty = MAY_BE_EMPTY[uid] ?? [];
    await eventually(`${uid} is settled`, async () => {
      const settled = await states(page);
      const wrong = panels
        .map(({ id, title }) => ({ title, state: settled[id] }))
        .filter(({ title, state }) => {
          if (state === "data") return false;
          return state !== "empty" || (mayBeEmpty !== "all" && !mayBeEmpty.includes(title));
        });
      // Adds the page's text to the failure message, because the text usually shows the reason.
      expect(wrong, await page.evaluate<string>("document.body.innerText.slice(0, 500)")).toEqual([]);
    });
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  "the start page shows the running stack, and links to the dashboards and to the sign-in page",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/`);
    await page.setViewportSize({ width: 1400, height: 1400 });
    await eventually("the stack is shown", async () => {
      expect(await page.locator("[data-dashboard-uid=narthex-overview]").count()).toBe(1);
      expect(await page.locator("[data-panel-id='1']").innerText()).toMatch(/Targets up\s+5/);
    });
    expect(await page.getByRole("link", { name: "Sign in" }).getAttribute("href")).toBe("/login?redirectTo=%2F");
    await page.getByRole("link", { name: "Batch jobs", exact: true }).click();
    await page.waitForURL(/\/d\/narthex-batch\//);
    expect(errors).toEqual([]);
    await page.close();
  },
);

/** Presses Tab until an element is focused, as a user of the keyboard does who has jumped over the bar of the page. */
async function tabTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
  await page.keyboard.press("Enter");
  await pressUntil(page, "Tab", name);
}

test.skipIf(absent)("a firing alert is silenced by keys alone, from the start page and from the alerts", async () => {
  const rules = "groups:\n- name: demo\n  rules:\n  - alert: AlwaysOn\n    expr: vector(1)\n";
  writeFileSync(workplace.path(`data/config-offset-${Number(new URL(base).port) - 3000}/rules/demo.yml`), rules);
  await fetch(`${server}/-/reload`, { method: "POST" });
  await untilQuery(server, "ALERTS{alertname='AlwaysOn',alertstate='firing'}", (result) => result.length === 1);
  const { page, errors } = await openPage(browser, `${base}/login`);
  const password = readFileSync(workplace.path("data/dashboards/initial-admin-password"), "utf8").trim();
  await page.request.post(`${base}/login`, { data: { user: "admin", password } });
  await page.goto(base);
  const silence = async (comment: string): Promise<void> => {
    await page.getByRole("link", { name: "Silence", exact: true }).first().waitFor();
    await tabTo(page, "Silence");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/silences\/new\?/);
    await page.locator("textarea:focus").waitFor();
    await page.keyboard.type(comment);
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/silences\/[0-9a-f-]{36}/);
    await page.getByText(comment).waitFor();
  };
  await page.getByRole("link", { name: "AlwaysOn" }).first().waitFor();
  await tabTo(page, "AlwaysOn");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/alerts\?search=AlwaysOn/);
  await silence("from the start page");
  await page.keyboard.press("Control+k");
  await page.locator("[role=dialog] input:focus").waitFor();
  await page.keyboard.type("alerts");
  await page
    .getByRole("option", { name: /^Alerts/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/alerts$/);
  await silence("from the alerts");
  expect(errors).toEqual([]);
  await page.close();
});
