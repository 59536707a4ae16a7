import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectLight, firstVisit, launchBrowser, openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";

const absent = lacks("browser");
const MANY = 4000;
let gateway: Running;
let browser: Browser;
let base: string;

beforeAll(async () => {
  if (absent) return;
  const port = await freePort();
  base = `http://127.0.0.1:${port}/push`;
  gateway = narthex([
    "pushgateway",
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.route-prefix=/push",
    "--web.enable-admin-api",
    "--push.ttl=0s",
  ]);
  await gateway.ready(`${base}/-/ready`);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await gateway?.[Symbol.asyncDispose]();
});

const push = (path: string, body: string): Promise<Response> =>
  fetch(`${base}/metrics/job/${path}`, { method: "PUT", body });

const groups = async (): Promise<{ readonly labels: Readonly<Record<string, string>> }[]> =>
  ((await (await fetch(`${base}/api/v1/metrics`)).json()) as { data: { labels: Record<string, string> }[] }).data;

/** Script for the page that counts the elements drawn from now on. */
const COUNT_DRAWN = `globalThis.drawn = 0;
new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const node of addedNodes) globalThis.drawn += 1 + (node.querySelectorAll?.("*").length ?? 0);
}).observe(document.body, { childList: true, subtree: true })`;

const card = (page: Page, job: string) => page.getByText(`job="${job}"`);

test.skipIf(absent)("a first visit to the page makes few requests for compressed files", async () => {
  expectLight(await firstVisit(browser, `${base}/`));
});

test.skipIf(absent)(
  "the page shows groups with their metrics, expiry and failures, finds them, and deletes one",
  async () => {
    await push("backup/instance/db1", "# HELP took_seconds How long.\n# TYPE took_seconds gauge\ntook_seconds 12.5\n");
    await push("report?ttl=2h", "rows 7\n");
    await push("clash", "# TYPE rows counter\nrows 1\n");
    await push("odd/path@base64/L3Zhci90bXA", 'm{l="<b>not bold</b>"} 1\n');
    const { page, errors } = await openPage(browser, `${base}/`);
    await page.getByText("4 groups", { exact: true }).waitFor();
    await page.getByText("Last push failed!").waitFor();
    await page.getByText(/expires in 1h 59m|expires in 2h/).waitFor();

    await card(page, "backup").click();
    await page.getByText("took_seconds", { exact: true }).click();
    await page.getByText("12.5", { exact: true }).waitFor();
    await page.getByText("How long.").waitFor();

    await page.getByText("failed (1)").click();
    await page.getByText("1 of 4 groups").waitFor();
    await card(page, "clash").waitFor();
    await page.getByText("failed (1)").click();

    await page.getByLabel("Filter by label or metric name").fill("took_seconds");
    await page.getByText("1 of 4 groups").waitFor();
    await page.getByLabel("Filter by label or metric name").fill("/var/tmp");
    await card(page, "odd").waitFor();
    await page.getByRole("button", { name: "Delete Group" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("Group deleted").waitFor();
    await page.getByText("0 of 3 groups").waitFor();
    expect((await groups()).map(({ labels }) => labels["job"]).toSorted()).toEqual(["backup", "clash", "report"]);

    await page.getByRole("tab", { name: "Status" }).click();
    await page.getByText("--push.ttl", { exact: true }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  `the page draws a part of ${MANY} groups at a time, and deletes all of them after a confirmation`,
  async () => {
    for (let i = 0; i < MANY; i += 20) {
      const some = Array.from({ length: 20 }, (_, k) => i + k);
      await Promise.all(some.map((n) => push(`many/instance/host-${n}`, `a ${n}\nb{l="x"} ${n}\nb{l="y"} ${n}\n`)));
    }
    const { page, errors } = await openPage(browser, `${base}/`);
    await page.getByText(/^\d+ groups$/).waitFor();
    // Checks that the page has drawn only some of the many groups.
    expect(await page.getByText(/^job="many"$/).count()).toBeLessThan(200);
    const search = page.getByLabel("Filter by label or metric name");
    await search.fill("host-3999");
    await page.getByText(/^1 of \d+ groups$/).waitFor();
    await page.evaluate(COUNT_DRAWN);
    for (const text of ["host", "host-1", "host-12", "host-123", ""]) {
      await search.fill(text);
      await page.getByText(text === "" ? /^\d+ groups$/ : /^\d+ of \d+ groups$/).waitFor();
    }
    // Each typed letter may draw only one screen of cards, far less than four thousand cards.
    expect(await page.evaluate<number>("globalThis.drawn")).toBeLessThan(MANY * 5);

    await page.getByRole("button", { name: /^Delete All \d+ Groups$/ }).click();
    expect(await groups()).not.toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Delete all" }).click();
    await page.getByText("No groups pushed yet").waitFor();
    expect(await groups()).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  },
);
