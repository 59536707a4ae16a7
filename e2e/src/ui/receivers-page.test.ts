import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { NotificationSink } from "../support/notification-sink.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
const STARTER = "# Nobody yet.\nroute: {receiver: on-call} # root\nreceivers:\n  - name: on-call\n";

let workplace: Workplace;
let alertmanager: Running;
let browser: Browser;
let sink: NotificationSink;
let base: string;
let file: string;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  base = `http://127.0.0.1:${await freePort()}`;
  file = workplace.write("alertmanager.yml", STARTER);
  sink = await NotificationSink.open();
  alertmanager = narthex([
    "alertmanager",
    `--config.file=${file}`,
    `--storage.path=${workplace.path("alerts")}`,
    `--web.listen-address=${base.slice("http://".length)}`,
    "--cluster.listen-address=",
    "--web.enable-receiver-setup",
  ]);
  await alertmanager.ready(`${base}/-/ready`);
  browser = await launchBrowser();
});

afterAll(async () => {
  if (absent) return;
  await browser?.close();
  await alertmanager?.[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

test.skipIf(absent)(
  "the banner that nobody is notified leads to a form, whose test arrives before it is saved",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/notifications`);
    await page.getByRole("link", { name: "Set up a receiver" }).click();
    await page.getByRole("button", { name: "Set up on-call" }).click();
    const form = page.getByRole("form", { name: "Receiver" });
    await form.getByText("Still empty: To, Mail server, From").waitFor();
    await form.getByText("Webhook", { exact: true }).click();
    await form.getByLabel("URL", { exact: false }).fill(`${sink.url}hook?token=abcdefghijklmnop`);
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);
    await form.getByRole("button", { name: "Send a test" }).click();
    await form.getByText("webhook[0]: sent").waitFor();
    expect(sink.messages.map(({ alerts }) => alerts[0]!.labels["test"])).toEqual(["true"]);
    expect(readFileSync(file, "utf8")).toBe(STARTER);
    await form.getByRole("button", { name: "Save" }).click();
    await form.waitFor({ state: "detached" });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("# Nobody yet.\nroute: {receiver: on-call} # root\n");
    expect(text).toContain("    webhook_configs:\n      - send_resolved: true\n        url_file: ");
    expect(text).not.toContain("abcdefgh");
    await page.getByRole("button", { name: "Send a test to on-call" }).click();
    await page.getByText("webhook[0]: sent").waitFor();
    await page.getByRole("button", { name: "Add receiver" }).click();
    const shots = process.env["NARTHEX_SHOTS"];
    if (shots !== undefined) {
      mkdirSync(shots, { recursive: true });
      for (const [name, width, colorScheme] of [
        ["light", 1400, "light"],
        ["dark", 1400, "dark"],
        ["narrow", 390, "light"],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.waitForTimeout(500);
        await page.screenshot({ path: join(shots, `${name}.png`) });
      }
    }
    await page.goto(`${base}/notifications`);
    await page.getByRole("heading", { name: "Notifications" }).waitFor();
    expect(await page.getByText("Nobody is notified of alerts").count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  },
);
