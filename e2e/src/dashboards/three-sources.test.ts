// The answers of the two servers follow the published HTTP APIs of Prometheus and Loki. The third source is a real
// SQLite file.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { post } from "../support/stage.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
/** Time range of the dashboards, epoch ms. */
const [FROM, TO] = [Date.UTC(2026, 0, 1, 11), Date.UTC(2026, 0, 1, 12)];
const SAMPLE_MS = TO - 60_000;

const workplace = new Workplace();
const servers: Server[] = [];
let role: Running;
let browser: Browser;
let base: string;

/** Starts a server that answers each request with JSON. Returns its URL. */
async function serve(answer: (query: string) => object): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += String(piece)));
    request.on("end", () => {
      const url = new URL(request.url!, "http://server");
      const query = url.searchParams.get("query") ?? new URLSearchParams(body).get("query") ?? "";
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer(query)));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const matrix = (metric: object, value: string): object => ({
  status: "success",
  data: { resultType: "matrix", result: [{ metric, values: [[SAMPLE_MS / 1000, value]] }] },
});
const LINES = {
  status: "success",
  data: {
    resultType: "streams",
    result: [{ stream: { job: "shop" }, values: [[`${SAMPLE_MS}000000`, "level=error msg=late"]] }],
  },
};

const METRICS = { type: "prometheus", uid: "metrics" };
const LOGS = { type: "loki", uid: "lines" };
const ORDERS = { type: "frser-sqlite-datasource", uid: "orders" };
const perHour = (queryType: string): object => ({
  datasource: ORDERS,
  queryType,
  timeColumns: ["time"],
  queryText: "SELECT at AS time, count AS orders FROM orders WHERE at >= $__from / 1000 AND at < $__to / 1000",
});

const SCREEN = [
  { type: "timeseries", title: "Requests", datasource: METRICS, targets: [{ refId: "A", expr: "requests" }] },
  { type: "logs", title: "Lines", datasource: LOGS, targets: [{ refId: "A", expr: '{job="shop"}' }] },
  { type: "table", title: "Orders", datasource: ORDERS, targets: [{ refId: "A", ...perHour("table") }] },
];
const MIXED = [
  {
    type: "timeseries",
    title: "All",
    datasource: { type: "datasource", uid: "-- Mixed --" },
    options: { legend: { displayMode: "table", showLegend: true, calcs: ["lastNotNull"] } },
    targets: [
      { refId: "A", datasource: METRICS, expr: "requests", legendFormat: "requests" },
      { refId: "B", datasource: LOGS, expr: 'count_over_time({job="shop"}[5m])', legendFormat: "lines" },
      { refId: "C", ...perHour("time series") },
    ],
  },
];

async function store(uid: string, panels: readonly object[]): Promise<void> {
  const placed = panels.map((panel, i) => ({ ...panel, id: i + 1, gridPos: { x: 0, y: i * 8, w: 24, h: 8 } }));
  const time = { from: new Date(FROM).toISOString(), to: new Date(TO).toISOString() };
  const dashboard = { uid, title: uid, schemaVersion: 43, timezone: "utc", time, panels: placed };
  await post(base, "/api/dashboards/db", { dashboard });
}

beforeAll(async () => {
  if (absent) return;
  const path = workplace.path("orders.db");
  const file = new DatabaseSync(path);
  file.exec(`CREATE TABLE orders (at INTEGER, count INTEGER); INSERT INTO orders VALUES (${SAMPLE_MS / 1000}, 41)`);
  file.close();
  const prometheus = await serve(() => matrix({ __name__: "requests", job: "shop" }, "5"));
  const loki = await serve((query) => (query.startsWith("{") ? LINES : matrix({ job: "shop" }, "7")));
  const datasources = [
    { name: "Metrics", ...METRICS, url: prometheus, isDefault: true },
    { name: "Lines", ...LOGS, url: loki },
    { name: "Orders", ...ORDERS, jsonData: { path } },
  ];
  workplace.write("provisioning/datasources/all.yml", JSON.stringify({ apiVersion: 1, datasources }));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  role = narthex(
    dashboardsArguments(workplace, port, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]),
  );
  await role.ready(`${base}/api/health`);
  await store("screen", SCREEN);
  await store("mixed", MIXED);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  for (const server of servers) server.close();
  workplace[Symbol.dispose]();
});

test.skipIf(absent)("one screen shows the metrics, the log lines and the orders of the same hour", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/screen`);
  const panel = (title: string) => page.getByRole("region", { name: title, exact: true });
  await panel("Requests").getByText("requests", { exact: false }).first().waitFor();
  await panel("Lines").getByText("msg=late").waitFor();
  await panel("Orders").getByText("41", { exact: true }).waitFor();
  expect(await page.locator('[data-panel-state="data"]').count()).toBe(3);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("one panel draws series of three sources", async () => {
  const { page, errors } = await openPage(browser, `${base}/d/mixed`);
  await page.locator('[data-panel-state="data"]').waitFor();
  const rows = page.getByRole("table").getByRole("row");
  for (const [name, value] of [
    ["requests", "5"],
    ["lines", "7"],
    ["orders", "41"],
  ] as const)
    expect(await rows.filter({ hasText: name }).innerText()).toMatch(new RegExp(`\\b${value}\\b`));
  expect(errors).toEqual([]);
  await page.close();
});
