import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

// The commands without which this test is skipped. The test performs typical actions on the pages of a server below a
// path, as behind a proxy for several programs.
const absent = lacks("browser");
let workplace: Workplace;
let server: Running;
let browser: Browser;
let base: string;

const RULES = `groups:
- name: demo
  rules:
  - {alert: AlwaysOn, expr: vector(1), labels: {severity: page}, annotations: {summary: it is on}}
  - {alert: NeverOn, expr: vector(1) > 2}
`;

const config = (port: number): string => `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
- job_name: self
  metrics_path: /prom/metrics
  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {room: cellar}}, {targets: ['127.0.0.1:1'], labels: {room: attic}}]
  relabel_configs:
  - {source_labels: [room], regex: attic, action: drop}
  - {source_labels: [room], target_label: place}
  - {regex: room, action: labeldrop}
`;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const port = await freePort();
  base = `http://127.0.0.1:${port}/prom`;
  workplace.write("rules.yml", RULES);
  workplace.write("prometheus.yml", config(port));
  server = narthex([
    "server",
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=${base}/`,
  ]);
  await server.ready(`${base}/-/ready`);
  await untilQuery(base, "ALERTS", (result) => result.length > 0);
  await untilQuery(base, "up", (result) => result.length > 0);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

const open = (path: string): ReturnType<typeof openPage> => openPage(browser, base + path);
const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);
const panel = (page: Page, number: number) => page.getByRole("region", { name: `Query ${number}` });

test.skipIf(absent)("a link of an older release restores each of its panels, also below a path", async () => {
  const end = "2025-01-02 03:04:05";
  const old = `/graph?g0.expr=up&g0.tab=0&g0.range_input=15m&g0.stacked=1&g0.step_input=30&g0.end_input=${encodeURIComponent(end)}&g1.expr=vector(7)&g1.tab=1&g1.colour=blue&g1.range_input=long`;
  const { page, errors } = await open(old);
  await page.waitForURL(`${base}/query?**`);
  await panel(page, 2).getByRole("cell", { name: "7", exact: true }).waitFor();
  await panel(page, 1).getByRole("button", { name: "Time range: 2025-01-02 02:49:05 to 2025-01-02 03:04:05" }).click();
  await panel(page, 2).getByRole("button", { name: "Time range: Last 1 hour" }).waitFor();
  // A change rewrites an old URL to the current form and must keep all settings.
  await page.getByRole("textbox", { name: "From" }).fill("2025-01-02 02:44:05");
  await page.getByRole("button", { name: "Apply time range" }).click();
  await page.waitForURL(/g0\.range_input=20m/);
  const names = ["g0.tab", "g0.display_mode", "g0.res_step", "g0.end_input", "g1.expr", "g1.tab", "g1.range_input"];
  expect(names.map((name) => parameter(page, name))).toEqual([
    "graph",
    "stacked",
    "30",
    end,
    "vector(7)",
    "table",
    "1h",
  ]);
  await page.reload();
  await panel(page, 2).getByRole("cell", { name: "7", exact: true }).waitFor();
  expect(parameter(page, "g0.range_input")).toBe("20m");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("an expression can be written, broken into lines and run with the keyboard only", async () => {
  const { page, errors } = await open("/query");
  const editor = page.getByRole("textbox", { name: "PromQL expression" });
  await page.locator(".cm-content").waitFor();
  await editor.focus();
  await page.keyboard.type("vector(1)");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("+ 6");
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: "Query result" }).getByRole("cell", { name: "7", exact: true }).waitFor();
  expect(parameter(page, "g0.expr")).toBe("vector(1)\n+ 6");
  await page.keyboard.press("Escape");
  expect(await page.evaluate("document.activeElement.closest('.cm-editor') === null")).toBe(true);
  expect(errors).toEqual([]);
  await page.close();
});

/**
 * Types into the empty expression field of the query page until the list of completions is open.
 * @param sign element by which the list is recognised
 */
async function typedWithList(page: Page, text: string, sign = page.getByRole("listbox")): Promise<void> {
  await page.locator(".cm-content").waitFor();
  await page.getByRole("textbox", { name: "PromQL expression" }).focus();
  await page.keyboard.type(text);
  // The code of the list is loaded at the first key. Keys that are pressed until then open no list, so the last one is
  // repeated.
  await eventually("the list is open", async () => {
    try {
      await sign.waitFor({ timeout: 2000 });
    } catch (error) {
      await page.keyboard.press("Backspace");
      await page.keyboard.type(text.at(-1)!);
      throw error;
    }
  });
}

/** Selects the first completion of the open list. The list has no selection while completions are requested. */
async function selectFirst(page: Page, text: string): Promise<void> {
  const selected = page.getByRole("listbox").getByRole("option", { selected: true });
  await eventually("a completion is selected", async () => {
    if ((await selected.count()) === 0) await page.keyboard.press("ArrowDown");
    expect(await selected.textContent({ timeout: 2000 })).toContain(text);
  });
}

test.skipIf(absent).each(["up", "process_resident_memory_byte", "up offset 5"])(
  "Enter runs %s as it is written, although a list of completions is open",
  async (expr) => {
    const { page, errors } = await open("/query");
    await typedWithList(page, expr);
    await page.keyboard.press("Enter");
    await page.waitForURL(/g0\.expr=/);
    expect(parameter(page, "g0.expr")).toBe(expr);
    expect(await page.locator(".cm-line").textContent()).toBe(expr);
    expect(await page.getByRole("listbox").count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("an arrow key selects a completion and shows its help text, and Enter accepts it", async () => {
  const { page, errors } = await open("/query");
  await typedWithList(page, "process_resident");
  const help = page.locator(".cm-completionInfo");
  await selectFirst(page, "process_resident_memory_bytes");
  await help.getByText("Resident memory size in bytes").waitFor();
  // The frame of the list must not clip the text, which is next to the list.
  const { x, y, width, height } = (await help.boundingBox())!;
  const top = `document.elementFromPoint(${x + width / 2}, ${y + height / 2})`;
  expect(await page.evaluate(`${top}?.closest(".cm-completionInfo") !== null`)).toBe(true);
  await page.keyboard.press("Enter");
  expect(await page.locator(".cm-line").textContent()).toBe("process_resident_memory_bytes");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("after an opening square bracket, windows are suggested", async () => {
  const { page, errors } = await open("/query");
  // Before, the list of metrics was open.
  await typedWithList(page, "rate(up[", page.getByRole("option", { name: "$__rate_interval" }));
  await selectFirst(page, "$__rate_interval");
  await page.keyboard.press("Enter");
  expect(await page.locator(".cm-line").textContent()).toContain("rate(up[$__rate_interval]");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "keys that are typed before the editor is loaded are kept, and the next ones follow them",
  async () => {
    const page = await browser.newPage();
    const { promise: wanted, resolve: release } = Promise.withResolvers<void>();
    await page.route(/assets\/editor-.*\.js$/, async (route) => {
      await wanted;
      await route.continue();
    });
    await page.goto(`${base}/query`);
    const editor = page.getByRole("textbox", { name: "PromQL expression" });
    await editor.waitFor();
    await page.keyboard.type("vector(3");
    expect(await editor.inputValue()).toBe("vector(3");
    await page.keyboard.press("ArrowLeft");
    release();
    for (const key of "1234567890") await page.keyboard.press(key);
    await page.locator(".cm-content").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.type(")");
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "12345678903", exact: true }).waitFor();
    expect(parameter(page, "g0.expr")).toBe("vector(12345678903)");
    await page.close();
  },
);

test.skipIf(absent)(
  "a range that is dragged over the graph becomes its range, and the back button undoes it",
  async () => {
    const { page, errors } = await open("/query?g0.expr=vector(1)&g0.tab=graph&g0.range_input=1h");
    const plot = page.getByTestId("graph").locator(".u-over");
    await plot.waitFor();
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width / 4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/g0\.end_input=/);
    expect(parameter(page, "g0.range_input")).toMatch(/^1[45]m/);
    await page.goBack();
    await page.waitForURL(/g0\.range_input=1h/);
    expect(parameter(page, "g0.end_input")).toBeNull();
    await plot.waitFor();
    await page.goForward();
    const note = page.getByRole("group", { name: /^Zoomed to/ });
    await note.getByRole("button", { name: "Undo" }).click();
    await page.waitForURL(/g0\.range_input=1h/);
    await note.waitFor({ state: "detached" });
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("a page that loses its server shows it, and continues without a reload", async () => {
  const { page, errors } = await open("/query?g0.expr=vector(3)&g0.tab=table");
  const result = page.getByRole("table", { name: "Query result" });
  await result.waitFor();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByRole("alert").first().waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Execute" }).click();
  await result.getByRole("cell", { name: "3", exact: true }).waitFor();
  await page.getByRole("alert").waitFor({ state: "detached" });
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("one of thirty thousand metrics is found by a few letters, and inserted", async () => {
  const page = await browser.newPage();
  const names = Array.from({ length: 30_000 }, (_, at) => `service_${at}_requests_total`);
  await page.route("**/api/v1/label/__name__/values**", (route) =>
    route.fulfill({ json: { status: "success", data: names } }),
  );
  await page.goto(`${base}/query?g0.expr=`);
  await page.getByRole("button", { name: "Query options" }).click();
  await page.getByRole("menuitem", { name: "Explore metrics" }).click();
  const search = page.getByRole("textbox", { name: "Search metrics" });
  await search.fill("srv29999tot");
  await page.getByRole("button", { name: "Insert service_29999_requests_total" }).click();
  await search.waitFor({ state: "detached" });
  const editor = page.getByRole("textbox", { name: "PromQL expression" });
  expect((await editor.innerText()).trim()).toBe("service_29999_requests_total");
  await page.close();
});

/**
 * Maximum number of elements in the page. Without virtual scrolling, ten thousand rows would have a quarter of a
 * million elements.
 */
const MAX_ELEMENTS = 12_000;

test.skipIf(absent)(
  "among ten thousand targets in 735 pools the failing ones are found, and only a part is drawn",
  async () => {
    const page = await browser.newPage();
    const target = (at: number): object => {
      const labels = { instance: `host-${at}:9100`, job: `pool-${at % 735}` };
      const isDown = at % 1000 === 7;
      return {
        discoveredLabels: {},
        labels,
        scrapePool: labels.job,
        scrapeUrl: `http://${labels.instance}/metrics`,
        globalUrl: `http://${labels.instance}/metrics`,
        lastError: isDown ? "connection refused" : "",
        lastScrape: new Date(0).toISOString(),
        lastScrapeDuration: 0.01,
        health: isDown ? "down" : "up",
        scrapeInterval: "15s",
        scrapeTimeout: "10s",
      };
    };
    const activeTargets = Array.from({ length: 10_000 }, (_, at) => target(at));
    await page.route("**/api/v1/targets?**", (route) =>
      route.fulfill({
        json: { status: "success", data: { activeTargets, droppedTargets: [], droppedTargetCounts: {} } },
      }),
    );
    await page.goto(`${base}/targets`);
    await page.getByText("pool-0", { exact: true }).first().waitFor();
    const elements = (): Promise<number> => page.evaluate<number>("document.querySelectorAll('*').length");
    expect(await elements()).toBeLessThan(MAX_ELEMENTS);
    await page.keyboard.press("End");
    expect(await elements()).toBeLessThan(MAX_ELEMENTS);
    await page.goto(`${base}/targets?health=down&search=${encodeURIComponent("host-5007")}`);
    await page.getByText("connection refused").waitFor();
    expect(await page.getByText("connection refused").count()).toBe(1);
    await page.close();
  },
);

test.skipIf(absent)(
  "relabeling is shown step by step: added and removed labels, and why a target is dropped",
  async () => {
    const { page, errors } = await open("/service-discovery");
    const rows = page.getByRole("table", { name: "Discovered targets of self" }).getByRole("row");
    await rows.filter({ hasText: 'place="cellar"' }).getByRole("button", { name: "Show relabeling" }).click();
    const dialog = page.getByRole("dialog", { name: "Relabelling in self, step by step" });
    await dialog.getByText('place="cellar"').first().waitFor();
    await dialog.getByText('room="cellar"').first().waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await rows.filter({ hasText: "dropped by relabeling" }).getByRole("button", { name: "Show relabeling" }).click();
    await dialog
      .getByText(/dropped/i)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("alerts can be filtered by an address and opened, and link to their expression", async () => {
  const { page, errors } = await open("/alerts?state=firing&search=always");
  const card = page.getByRole("button", { name: "AlwaysOn" }).first();
  await card.waitFor();
  expect(await page.getByText("NeverOn").count()).toBe(0);
  // A link to a rule opens its card.
  await page.getByRole("table", { name: "Alerts of AlwaysOn" }).getByText("it is on").waitFor();
  await page.getByRole("link", { name: "vector(1)" }).first().click();
  await page.waitForURL(`${base}/query?**`);
  await page.getByRole("table", { name: "Query result" }).getByRole("cell", { name: "1", exact: true }).waitFor();
  await page.goBack();
  await page.waitForURL(/state=firing/);
  await page.getByText("AlwaysOn").first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});
