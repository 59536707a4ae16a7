// The answers of the three servers follow their published HTTP APIs. No real Loki or Tempo runs in this test.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { post } from "../support/stage.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
/** Time range of the dashboard, epoch ms. */
const [FROM, TO] = [Date.UTC(2026, 0, 1, 11), Date.UTC(2026, 0, 1, 12)];
const LINE_MS = TO - 60_000;
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const LABELS = { job: "shop", instance: "a:1" };

const workplace = new Workplace();
const servers: Server[] = [];
const asked: Record<"prometheus" | "loki" | "tempo", { path: string; parameters: Record<string, string> }[]> = {
  prometheus: [],
  loki: [],
  tempo: [],
};
let role: Running;
let browser: Browser;
let base: string;

async function parametersOf(request: IncomingMessage): Promise<Record<string, string>> {
  let body = "";
  for await (const piece of request) body += String(piece);
  const url = new URL(request.url!, "http://server");
  return Object.fromEntries([...url.searchParams, ...new URLSearchParams(body)]);
}

/** Starts a server that answers requests with JSON. Returns its URL. */
async function serve(name: keyof typeof asked, answer: (path: string) => object): Promise<string> {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://server").pathname;
    void parametersOf(request).then((parameters) => {
      asked[name].push({ path, parameters });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer(path)));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const success = (data: unknown): object => ({ status: "success", data });
const nanoseconds = (ms: number): string => `${ms}000000`;
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

const MATRIX = success({
  resultType: "matrix",
  result: [{ metric: { __name__: "requests", ...LABELS }, values: [[LINE_MS / 1000, "5"]] }],
});
const STREAMS = success({
  resultType: "streams",
  result: [{ stream: LABELS, values: [[nanoseconds(LINE_MS), `level=error trace=${TRACE_ID} msg=late`]] }],
});
const TRACE = {
  trace: {
    resourceSpans: [
      {
        resource: { attributes: [attribute("service.name", "shop")] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: TRACE_ID,
                spanId: "00f067aa0ba902b7",
                name: "GET /",
                startTimeUnixNano: nanoseconds(LINE_MS),
                endTimeUnixNano: nanoseconds(LINE_MS + 20),
              },
            ],
          },
        ],
      },
    ],
  },
};

beforeAll(async () => {
  if (absent) return;
  const [prometheus, loki, tempo] = await Promise.all([
    serve("prometheus", () => MATRIX),
    serve("loki", (path) => (path.endsWith("/labels") ? success(["job", "filename"]) : STREAMS)),
    serve("tempo", () => TRACE),
  ]);
  const tags = [{ key: "service.name", value: "job" }];
  const datasources = [
    { name: "Metrics", uid: "metrics", type: "prometheus", url: prometheus, isDefault: true },
    {
      name: "Lines",
      uid: "lines",
      type: "loki",
      url: loki,
      jsonData: {
        derivedFields: [
          { name: "trace", matcherRegex: "trace=(\\w+)", datasourceUid: "traces", url: "$${__value.raw}" },
        ],
      },
    },
    {
      name: "Traces",
      uid: "traces",
      type: "tempo",
      url: tempo,
      jsonData: {
        tracesToMetrics: {
          datasourceUid: "metrics",
          tags,
          queries: [{ name: "Requests of this span", query: "sum(rate(requests{$$__tags}[5m]))" }],
        },
        tracesToLogsV2: { datasourceUid: "lines", tags, filterByTraceID: true },
      },
    },
  ];
  workplace.write("provisioning/datasources/all.yml", JSON.stringify({ apiVersion: 1, datasources }));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  role = narthex(
    dashboardsArguments(workplace, port, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]),
  );
  await role.ready(`${base}/api/health`);
  const datasource = { type: "prometheus", uid: "metrics" };
  const targets = [{ refId: "A", expr: "requests" }];
  const panels = [
    { id: 1, type: "timeseries", title: "Requests", gridPos: { x: 0, y: 0, w: 24, h: 10 }, datasource, targets },
  ];
  const time = { from: new Date(FROM).toISOString(), to: new Date(TO).toISOString() };
  const dashboard = { uid: "shop", title: "Shop", schemaVersion: 43, timezone: "utc", time, panels };
  await post(base, "/api/dashboards/db", { dashboard });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  for (const server of servers) server.close();
  workplace[Symbol.dispose]();
});

test.skipIf(absent)(
  "from a metric panel five clicks lead to its log lines, to the trace of a line, and back to metrics, at the same time",
  async () => {
    const { page, errors } = await openPage(browser, `${base}/d/shop`);
    let clicks = 0;
    const click = async (target: Locator): Promise<void> => {
      await target.click();
      clicks++;
    };
    await page.locator('[data-panel-state="data"]').hover();
    await click(page.getByRole("button", { name: /^Menu of/ }));
    await click(page.getByRole("menuitem", { name: "Logs in Lines" }));
    await page.getByText(`trace=${TRACE_ID}`).hover();
    expect(asked.loki.at(-1)!.parameters).toMatchObject({
      query: '{job="shop"}',
      start: nanoseconds(FROM),
      end: nanoseconds(TO),
    });
    await click(page.getByRole("link", { name: "trace" }));
    await click(page.getByRole("treeitem", { name: /^shop GET \// }));
    expect(asked.tempo.at(-1)!.path).toBe(`/api/v2/traces/${TRACE_ID}`);
    const lines = await page.getByRole("link", { name: "Logs of this span" }).getAttribute("href");
    const { panes } = Object.fromEntries(new URL(lines!, base).searchParams);
    expect(JSON.parse(panes!)).toMatchObject({
      a: { datasource: "lines", queries: [{ expr: `{job="shop"} |= "${TRACE_ID}"` }] },
    });
    await click(page.getByRole("link", { name: "Requests of this span" }));
    await page.waitForURL(/\/query\?/);
    const address = new URL(page.url());
    expect([...address.searchParams.values()].join(" ")).toContain('sum(rate(requests{job="shop"}[5m]))');
    expect(clicks).toBe(5);
    expect(errors).toEqual([]);
    await page.close();
  },
);
