import { createServer } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { onLoopback } from "../support/loopback.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");

/** Two objectives: one has spent its budget, the other has spent nothing. */
const OBJECTIVES = `version: prometheus/v1
service: shop
slos:
  - name: calm
    objective: 99
    sli: { raw: { error_ratio_query: "0 * avg_over_time(up[{{.window}}])" } }
    alerting: { page_alert: { disable: true }, ticket_alert: { disable: true } }
  - name: spent
    objective: 99
    description: Scrapes that fail always.
    sli: { raw: { error_ratio_query: "1 + 0 * avg_over_time(up[{{.window}}])" } }
    alerting: { name: ShopSpent }
`;

let workplace: Workplace;
let server: Running;
/** A server that accepts requests and never responds. */
let silent: AsyncDisposable & { port: number };
let browser: Browser;
let base: string;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  silent = await onLoopback(createServer(() => undefined));
  const config = workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
scrape_configs:
- {job_name: self, static_configs: [{targets: ['127.0.0.1:${port}']}]}
remote_read:
- {url: 'http://127.0.0.1:${silent.port}/read', remote_timeout: 10m, read_recent: true, required_matchers: {slow: 'yes'}}
`,
  );
  server = narthex([
    "server",
    `--config.file=${config}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-admin-api",
    "--query.record-usage",
    `--rules.slo-files=${workplace.write("slo.yml", OBJECTIVES)}`,
  ]);
  await server.ready(`${base}/-/ready`);
  await untilQuery(base, "up", (result) => result.length === 1);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await silent?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

const open = (path: string): ReturnType<typeof openPage> => openPage(browser, base + path);
const panel = (expr: string, tab: string): string => `/query?g0.expr=${encodeURIComponent(expr)}&g0.tab=${tab}`;

test.skipIf(absent).each(["table", "graph"])(
  "an empty result in the %s explains on request why it is empty",
  async (tab) => {
    const { page, errors } = await open(panel('up{job="selv"}', tab));
    await page.getByText("Empty query result").waitFor();
    await page.getByRole("button", { name: "Why is it empty?" }).click();
    await page.getByText(/job="selv" removes the last series.*values of job are "self"/).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)(
  "the plan of a query shows its operators with their results and read samples, for one time and over a range",
  async () => {
    const { page, errors } = await open(panel("sum(rate(prometheus_http_requests_total[30s])) or vector(1)", "plan"));
    const plan = page.getByRole("list", { name: "Plan of the query" });
    await plan.waitFor();
    for (const operator of ["binary or", "aggregation sum", "function rate", "range selector", "function vector"]) {
      await plan.getByText(operator, { exact: true }).waitFor();
    }
    await plan
      .getByText(/[\d,]+ series · [\d,]+ samples? · [\d,]+ read · [\d.]+ (B|KiB|MiB) decoded · .* itself/)
      .first()
      .waitFor();
    await plan
      .getByText(/^thread (main|queries \d+): .* of work/)
      .first()
      .waitFor();
    await plan.getByText("hint for the storage: rate() over 30s").waitFor();
    await page.getByText("Over the range").click();
    await plan
      .getByText(/ steps · /)
      .first()
      .waitFor();
    expect(new URL(page.url()).searchParams.get("g0.tab")).toBe("plan");
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("a running query is listed with its client, and can be cancelled with a click", async () => {
  const slowQuery = fetch(`${base}/api/v1/query?query=${encodeURIComponent('up{slow="yes"}')}`);
  // Prevents an unhandled rejection: the request is awaited only at the end, and an earlier failure of the page must be
  // reported.
  slowQuery.catch(() => undefined);
  const { page, errors } = await open("/active-queries");
  const row = page.getByRole("row").filter({ hasText: 'up{slow="yes"}' });
  await row.getByText("127.0.0.1 /api/v1/query").waitFor();
  await row.getByRole("button", { name: "Cancel" }).click();
  const answer = (await (await slowQuery).json()) as { errorType: string };
  expect(answer.errorType).toBe("canceled");
  await page.getByText("Nothing is running").waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("unused metrics are listed with the rules that drop them", async () => {
  const { page, errors } = await open("/metric-usage");
  const unused = page.getByRole("table", { name: "Unused metrics" });
  // The metric with the most samples comes first. Later metrics are drawn only when the page is scrolled to them.
  await unused.getByText("prometheus_http_requests_total", { exact: true }).waitFor();
  await page.getByText("metric_relabel_configs").waitFor();
  await page.getByRole("button", { name: "Copy" }).waitFor();
  await page.getByText(/queries were recorded since/).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "objectives are listed with their budgets, burn rates and alerts, the smallest budget first",
  async () => {
    // The series of an objective appear with the first evaluations of its rules.
    await untilQuery(base, "slo:sli_error:ratio_rate30d", (result) => result.length === 2);
    await untilQuery(base, 'ALERTS{alertname="ShopSpent", alertstate="firing"}', (result) => result.length === 2);
    const { page, errors } = await open("/objectives");
    const cards = page.getByRole("button", { name: /^shop \/ / });
    await cards.first().waitFor();
    expect(await cards.allTextContents()).toEqual([
      expect.stringMatching(/^shop \/ spent.*firing \(2\).*10000 % of the budget spent$/),
      expect.stringMatching(/^shop \/ calm.*99 % in 30d.*100 % of the budget left$/),
    ]);
    await cards.first().click();
    await page.getByText("Scrapes that fail always.").waitFor();
    const table = page.getByRole("table", { name: "Budgets and burn rates" });
    expect(await table.getByRole("cell", { name: "100.00" }).count()).toBe(7);
    await page.getByText("(page) shop spent SLO error budget burn rate is too fast.").waitFor();
    await page.getByRole("img", { name: /^Graph of 1 series/ }).waitFor();
    await page.getByLabel("Filter by name or description").fill("calm");
    await expect.poll(() => cards.count()).toBe(1);
    expect(errors).toEqual([]);
    await page.close();
  },
);
