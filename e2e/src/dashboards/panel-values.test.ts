import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { instant } from "../support/query.ts";
import { remoteWrite } from "../support/remote-write.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { writtenSeries } from "./written-series.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const absent = lacks("browser");
const END_MS = Math.floor(Date.now() / 60_000) * 60_000;
const START_MS = END_MS - 3_600_000;

/** PromQL expressions whose result is one value: small and large, positive and negative. */
const expressions = [
  ...["a:80", "b:80", "c:80"].flatMap((instance) => [
    `requests_total{instance="${instance}",code="200"}`,
    `temperature{instance="${instance}"}`,
    `queue{instance="${instance}"}`,
  ]),
  "sum(requests_total)",
  "avg(temperature) / 1e3",
  "sum(rate(requests_total[5m]))",
  "sum(increase(requests_total[30m])) * 1e6",
  "max(temperature) - min(temperature)",
  "sum(requests_total) * 1e9",
  "-sum(requests_total)",
  "histogram_quantile(0.9, sum by (le) (rate(duration_seconds_bucket[10m])))",
  "histogram_count(latency_seconds)",
  "histogram_sum(latency_seconds) * 0.001",
  "vector(0)",
  "vector(86399.7)",
  "vector(0.000123456)",
  "vector(1234567.891)",
  "vector(99.995)",
  "count(requests_total)",
];

const TIME = {
  ns: 1e-9,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  mins: 60,
  hour: 3600,
  hours: 3600,
  day: 86_400,
  days: 86_400,
  week: 604_800,
  weeks: 604_800,
  year: 3.155_69e7,
  years: 3.155_69e7,
};
const scaled = (base: number, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name, at) => [name, base ** at]));

/** Returns the factor of each decimal prefix of a unit, such as kB and MB. */
const decimal = (unit: string): Record<string, number> =>
  Object.fromEntries(
    ["n", "µ", "m", "", "k", "M", "G", "T", "P", "E"].map((prefix, at) => [prefix + unit, 1000 ** (at - 3)]),
  );

/** Units of panels. For each unit, maps the texts that may follow the number to factors. */
const units: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  none: { "": 1 },
  short: scaled(1000, ["", "K", "Mil", "Bil", "Tri", "Quadr", "Quint"]),
  bytes: scaled(1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]),
  decbytes: decimal("B"),
  percent: { "%": 1 },
  percentunit: { "%": 0.01 },
  s: TIME,
  Bps: decimal("B/s"),
};

const types = ["stat", "gauge", "bargauge", "table"];
const cases = Object.keys(units).flatMap((unit) => expressions.map((expr) => ({ unit, expr })));

const panels = cases.map(({ unit, expr }, at) => ({
  id: at + 1,
  // Selects the panel type such that all combinations of expressions, units and types occur.
  type: types[(at + Math.floor(at / expressions.length)) % types.length],
  title: "",
  gridPos: { x: (at % 4) * 6, y: Math.floor(at / 4) * 4, w: 6, h: 4 },
  datasource: { type: "prometheus", uid: "main" },
  targets: [{ refId: "A", expr: `sum(${expr})`, instant: true, range: false, format: "time_series" }],
  transformations: [{ id: "organize", options: { excludeByName: { Time: true } } }],
  options: { graphMode: "none", reduceOptions: { calcs: ["lastNotNull"] }, textMode: "value" },
  fieldConfig: { defaults: { unit, displayName: " " }, overrides: [] },
}));

let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let [server, base] = ["", ""];

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex(args);
  programs.push(program);
  await program.ready(readyUrl);
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [serverPort, rolePort] = [await freePort(), await freePort()];
  [server, base] = [`http://127.0.0.1:${serverPort}`, `http://127.0.0.1:${rolePort}`];
  workplace.write("prometheus.yml", "global: {scrape_interval: 30s}\n");
  workplace.write(
    "provisioning/datasources/main.yml",
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: '${server}', isDefault: true}]\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  workplace.write(
    "dashboards/values.json",
    JSON.stringify({ uid: "values", title: "Values", schemaVersion: 41, panels }),
  );
  await start(
    [
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${serverPort}`,
      "--web.enable-remote-write-receiver",
    ],
    `${server}/-/ready`,
  );
  await remoteWrite(server, writtenSeries([START_MS, END_MS + 1]));
  await start(dashboardsArguments(workplace, rolePort), `${base}/api/health`);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

/**
 * Parses a number that a panel shows. Returns the value and the maximum rounding error: half a unit of the last digit.
 */
function read(text: string, unit: string): { value: number; within: number } | undefined {
  const [, digits, word] = /^\s*(-?\d+(?:\.\d+)?)\s*(\S*)\s*$/.exec(text) ?? [];
  const scale = units[unit]![word ?? ""];
  if (digits === undefined || scale === undefined) return undefined;
  const decimals = digits.split(".")[1]?.length ?? 0;
  return { value: Number(digits) * scale, within: 0.5 * 10 ** -decimals * scale };
}

const READ = `Object.fromEntries([...document.querySelectorAll("section[data-panel-id]")].map((one) =>
  [one.dataset.panelId, one.dataset.panelState === "data" ? (one.querySelector("td, [role=cell], [role=gridcell]") ?? one).textContent : "…"]))`;

test.skipIf(absent)(`the values of ${cases.length} panels are those of the API, to the shown precision`, async () => {
  const { page, errors } = await openPage(browser, "about:blank");
  await page.setViewportSize({ width: 1400, height: 8000 });
  await page.goto(`${base}/d/values?from=${START_MS}&to=${END_MS}`);
  const answers = new Map<string, number>();
  for (const expr of expressions)
    answers.set(expr, Number((await instant(server, `sum(${expr})`, END_MS / 1000))[0]!.value[1]));
  await eventually("every panel shows what the API says", async () => {
    const texts = await page.evaluate<Record<string, string>>(READ);
    if (Object.keys(texts).length === 0)
      throw new Error(`no panel is there; the page says: ${await page.evaluate<string>("document.body.innerText")}`);
    const wrong = cases.flatMap(({ unit, expr }, at) => {
      const [text, answer] = [texts[at + 1] ?? "", answers.get(expr)!];
      const shown = read(text, unit);
      const isRight =
        shown !== undefined && Math.abs(shown.value - answer) <= shown.within * 1.001 + Math.abs(answer) * 1e-12;
      return isRight ? [] : [`${panels[at]!.type} of ${expr} in ${unit}: ${text} for ${answer}`];
    });
    expect(wrong).toEqual([]);
  });
  expect(errors).toEqual([]);
  await page.close();
});
