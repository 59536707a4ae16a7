import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectLight, firstVisit, launchBrowser, openPage } from "../support/headless-browser.ts";
import { overhangOf } from "../support/page-visits.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
let manager: Running;
let browser: Browser;
let base: string;
/** A webhook receiver that accepts every notification. */
const team = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.end());
});

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  await new Promise<void>((resolve) => team.listen(0, "127.0.0.1", resolve));
  const port = await freePort();
  base = `http://127.0.0.1:${port}/alerting`;
  workplace.write(
    "alertmanager.yml",
    `route: {receiver: team, group_by: [alertname], group_wait: 1s}
receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1:${(team.address() as AddressInfo).port}/'}]}]
`,
  );
  manager = narthex([
    "alertmanager",
    `--config.file=${workplace.path("alertmanager.yml")}`,
    `--storage.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.route-prefix=/alerting",
    "--cluster.listen-address=",
  ]);
  await manager.ready(`${base}/-/ready`);
  await post("alerts", [alert("web-1", "critical"), alert("web-2", "warning")]);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await manager?.[Symbol.asyncDispose]();
  team.close();
  workplace?.[Symbol.dispose]();
});

const alert = (instance: string, severity: string) => ({
  labels: { alertname: "HighLatency", instance, severity },
  annotations: { summary: `${instance} is slow` },
});

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${base}/api/v2/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const get = async <T>(path: string): Promise<T> => (await (await fetch(`${base}/api/v2/${path}`)).json()) as T;

interface KeptSilence {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly createdBy: string;
  readonly comment: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  readonly startsAt: string;
  readonly endsAt: string;
}

const silences = (): Promise<KeptSilence[]> => get("silences");

const open = (path: string): ReturnType<typeof openPage> => openPage(browser, base + path);

test.skipIf(absent)("a first visit to the start page makes few requests for compressed files", async () => {
  expectLight(await firstVisit(browser, `${base}/`));
});

test.skipIf(absent)("the link of a notification shows its alerts, filtered and grouped", async () => {
  const { page, errors } = await open(`/#/alerts?filter=${encodeURIComponent('{severity="critical"}')}&receiver=team`);
  await page.getByText("1 alert in 1 group").waitFor();
  await page.getByText("web-1 is slow").waitFor();
  expect(await page.getByText("web-2 is slow").count()).toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("an alert can be silenced from its row, and the silence can be changed and expired", async () => {
  const { page, errors } = await open("/#/alerts");
  const row = page.getByRole("article").filter({ hasText: "web-2 is slow" });
  await row.getByRole("link", { name: "Silence" }).click();
  await page.getByText("1 now").waitFor();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Enter the reason for the silence").waitFor();
  expect(await silences()).toEqual([]);
  await page.getByLabel("Creator").fill("ann");
  await page.getByLabel("Comment").fill("deploy");
  await page.getByText("1d", { exact: true }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/alerting\/silences\/[0-9a-f-]{36}$/);
  const [made] = await silences();
  expect(made).toMatchObject({ createdBy: "ann", comment: "deploy", status: { state: "active" } });
  expect(made!.matchers.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "alertname=HighLatency",
    "instance=web-2",
    "severity=warning",
  ]);
  expect(Math.round((Date.parse(made!.endsAt) - Date.parse(made!.startsAt)) / 1000 / 60)).toBe(24 * 60);

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Comment").fill("deploy, second try");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(new RegExp(`alerting/silences/${made!.id}$`));
  expect(await silences()).toMatchObject([{ id: made!.id, comment: "deploy, second try" }]);

  await page.getByRole("button", { name: "Extend" }).click();
  await page.getByRole("menuitem", { name: "by 1w" }).click();
  await eventually("the end moves by a week and the id stays", async () => {
    const [extended] = await silences();
    expect(extended!.id).toBe(made!.id);
    expect(Date.parse(extended!.endsAt)).toBeGreaterThan(Date.parse(made!.endsAt) + 6 * 86_400_000);
  });

  await page.getByRole("button", { name: "Expire" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Expire" }).click();
  await page.getByRole("link", { name: "Recreate" }).click();
  await page.waitForURL("**/alerting/silences/new?**");
  expect(await page.getByLabel("Comment").inputValue()).toBe("deploy, second try");
  expect(await page.getByLabel("Creator").inputValue()).toBe("ann");
  expect(await silences()).toMatchObject([{ status: { state: "expired" } }]);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "a link fills the form of a silence, and the alerts that it would silence are shown next to it",
  async () => {
    const filter = encodeURIComponent('{alertname="HighLatency",instance=~"web-.*"}');
    const { page, errors } = await open(`/#/silences/new?filter=${filter}&comment=from+chat`);
    await page.getByText("2 now").waitFor();
    expect(await page.getByLabel("Comment").inputValue()).toBe("from chat");
    await page.getByRole("button", { name: /^Remove instance/ }).click();
    await page.getByLabel("Matchers of the silence").fill('severity="critical"');
    await page.keyboard.press("Enter");
    await page.getByText("1 now").waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("an alert shows which receivers were notified, and the notifications are listed", async () => {
  const { page, errors } = await open("/#/alerts");
  await page.getByRole("article").first().getByRole("button", { name: "Why?" }).click();
  await page.getByText('takes it to receiver "team"').waitFor();
  await page
    .getByText(/was notified|is tried again/)
    .first()
    .waitFor();
  await page.goto(`${base}/#/notifications?receiver=team`);
  await page.getByText("first notification: 2 firing").waitFor();
  await page.getByText("Failed", { exact: true }).click();
  await page.getByText("No notification matches the filter.").waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("an alert can be acknowledged with a comment, and the acknowledgement withdrawn", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${base}/#/alerts?filter=${encodeURIComponent('{instance="web-1"}')}`);
  const row = page.getByRole("article").filter({ hasText: "web-1 is slow" });
  await row.getByRole("button", { name: "Acknowledge" }).click();
  const dialog = page.getByRole("dialog", { name: "Acknowledge HighLatency" });
  await dialog.getByRole("button", { name: "Acknowledge" }).click();
  await dialog.getByText("Enter your name").waitFor();
  await dialog.getByLabel("Your name").fill("ann");
  await dialog.getByLabel("Comment").fill("the disk is being replaced, see ticket 12");
  await dialog.getByRole("button", { name: "Acknowledge" }).click();
  await row.getByText(/Acknowledged by ann .*: the disk is being replaced, see ticket 12/).waitFor();
  await page.getByText("1 alert · 1 acknowledged").waitFor();
  expect(await overhangOf(page)).toBe(0);
  const listed = await get<{ fingerprint: string }[]>("narthex/acknowledgements");
  expect(listed).toMatchObject([{ createdBy: "ann", labels: { instance: "web-1" } }]);
  const path = `narthex/alerts/${listed[0]!.fingerprint}/acknowledgement`;
  expect((await post(path, { createdBy: "bob", comment: "" })).status).toBe(409);

  await row.getByRole("button", { name: "Why?" }).click();
  await page.getByText(/"ann" acknowledged it .* Notifications are still sent\./).waitFor();
  await page.keyboard.press("Escape");
  await row.getByRole("button", { name: "Withdraw" }).click();
  await row.getByRole("button", { name: "Acknowledge" }).waitFor();
  expect(await get("narthex/acknowledgements")).toEqual([]);

  await page.goto(`${base}/#/alerts`);
  await page.getByRole("button", { name: "Acknowledge 2 alerts" }).click();
  const both = page.getByRole("dialog", { name: "Acknowledge 2 alerts" });
  expect(await both.getByLabel("Your name").inputValue()).toBe("ann");
  await both.getByRole("button", { name: "Acknowledge" }).click();
  await page.getByText("2 alerts · 2 acknowledged").waitFor();
  for (const { fingerprint } of await get<{ fingerprint: string }[]>("narthex/acknowledgements")) {
    await fetch(`${base}/api/v2/narthex/alerts/${fingerprint}/acknowledgement`, { method: "DELETE" });
  }
  await context.close();
});

test.skipIf(absent)("every page fits a phone without scrolling sideways", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  for (const path of ["alerts", "silences", "silences/new", "notifications", "receivers", "status", "settings"]) {
    await page.goto("about:blank");
    await page.goto(`${base}/#/${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const overhang = await overhangOf(page);
    expect({ path, overhang }).toEqual({ path, overhang: 0 });
  }
  await context.close();
});

test.skipIf(absent)(
  "a closed group shows its severities, the first alert's text and its age, and groups can be sorted",
  async () => {
    await post("alerts", [
      { labels: { alertname: "CertificateExpiry", severity: "info" }, annotations: { summary: "12 days are left" } },
    ]);
    const { page, errors } = await open("/alerts");
    const cards = page.getByRole("button", { expanded: false }).filter({ hasText: "alertname" });
    await cards.filter({ hasText: "12 days are left" }).waitFor();
    const texts = await cards.allInnerTexts();
    expect(texts.map((text) => /HighLatency|CertificateExpiry/.exec(text)?.[0])).toEqual([
      "HighLatency",
      "CertificateExpiry",
    ]);
    expect(texts[0]).toMatch(/critical 1[^]*warning 1[^]*web-1 is slow[^]*(ago|just now)[^]*2 alerts/);
    await page.getByRole("combobox", { name: "Order of groups" }).selectOption("newest");
    await page.waitForURL(/order=newest/);
    await cards.first().filter({ hasText: "CertificateExpiry" }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("the number of alerts that the selected states hide is shown", async () => {
  const silence = await post("silences", {
    matchers: [{ name: "instance", value: "web-2", isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: "ann",
    comment: "deploy",
  });
  const { silenceID } = (await silence.json()) as { silenceID: string };
  const { page, errors } = await open(`/alerts?filter=${encodeURIComponent('{alertname="HighLatency"}')}`);
  await page.getByText("1 alert in 1 group · 1 hidden").waitFor();
  await page.getByText("1 alert · 1 silenced · 1 hidden").waitFor();
  await page.getByRole("checkbox", { name: "Silenced (1)" }).check();
  await page.getByText("2 alerts · 1 silenced").waitFor();
  expect(errors).toEqual([]);
  await page.close();
  await fetch(`${base}/api/v2/silence/${silenceID}`, { method: "DELETE" });
});
