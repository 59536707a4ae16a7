import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { BlockBuilder } from "@narthex/tsdb";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const own = new URL("../../bin/narthex", import.meta.url).pathname;
const ROUNDS = Number(process.env["NARTHEX_BENCH_ROUNDS"] ?? 5);
const HOUR_MS = 3_600_000;
/** A sample a minute, as 24 hours of a small host have them. */
const STEP_MS = 60_000;
const BLOCK_MS = 2 * HOUR_MS;
/** The uid of Node Exporter Full. */
const UID = "rYdddlPWk";

type SeriesLabels = Record<string, string> & { __name__: string };

/** The series that an exporter shows, each with its value. */
function seriesOf(text: string): readonly { readonly labels: SeriesLabels; readonly value: number }[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([a-z_][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (match === null) return [];
    const labels: SeriesLabels = { __name__: match[1]! };
    for (const [, name, value] of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      labels[name!] = value!.replaceAll(/\\(.)/g, "$1");
    return [{ labels, value: Number(match[3]) }];
  });
}

/** Writes a day of what an exporter shows now: counters that have grown to it, gauges that swing around it. */
async function writeDay(folder: string, exporter: string, until: number): Promise<number> {
  const text = await (await fetch(`http://${exporter}/metrics`)).text();
  const up = { labels: { __name__: "up" }, value: 1 };
  const series = [up, ...seriesOf(text)].map(({ labels, value }) => ({
    labels: Labels.of({ ...labels, job: "node", instance: exporter }),
    value,
    isCounter: /_(?:total|sum|count|bucket)$/.test(labels["__name__"]),
    isFixed: /_(?:info|size_bytes|seconds)$|^up$|MemTotal/.test(labels["__name__"]),
  }));
  mkdirSync(folder, { recursive: true });
  const first = Math.floor((until - 24 * HOUR_MS) / BLOCK_MS) * BLOCK_MS;
  for (let start = first; start < until; start += BLOCK_MS) {
    const builder = new BlockBuilder({ chunkRangeMs: BLOCK_MS, now: () => start, random: () => 0.5 });
    for (const { labels, value, isCounter, isFixed } of series)
      for (let time = start; time < Math.min(start + BLOCK_MS, until); time += STEP_MS) {
        const age = (until - time) / STEP_MS;
        const swing = isFixed ? 1 : 1 + 0.2 * Math.sin(age / 40);
        builder.append(labels, time, isCounter ? Math.max(0, value - age * (3 + Math.sin(age / 60))) : value * swing);
      }
    builder.write(folder);
  }
  return series.length;
}

/** Starts the exporter, a server with its day and the role with the dashboard; where the dashboard is. */
async function start(folder: string, programs: Program[]): Promise<{ readonly url: string; readonly series: number }> {
  const dashboards = process.env["NARTHEX_CONFORMANCE"];
  if (dashboards === undefined)
    throw new Error("NARTHEX_CONFORMANCE must name the folder with dashboards/node-exporter-full.json");
  const [exporter, server, role] = [await freePort(), await freePort(), await freePort()].map(
    (port) => `127.0.0.1:${port}`,
  ) as [string, string, string];
  const place = (name: string): string => join(folder, name);
  const run = async (args: readonly string[], ready: string): Promise<void> => {
    const program = new Program(own, args);
    programs.push(program);
    await program.ready(`http://${ready}`);
  };
  await run(["node-exporter", `--web.listen-address=${exporter}`], `${exporter}/`);
  const series = await writeDay(place("data"), exporter, Math.floor(Date.now() / STEP_MS) * STEP_MS);
  writeFileSync(
    place("prometheus.yml"),
    `scrape_configs: [{job_name: node, scrape_interval: 15s, static_configs: [{targets: ['${exporter}']}]}]\n`,
  );
  for (const path of ["provisioning/datasources", "provisioning/dashboards", "dashboards"])
    mkdirSync(place(path), { recursive: true });
  writeFileSync(
    place("provisioning/datasources/main.yml"),
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: 'http://${server}', isDefault: true}]\n`,
  );
  writeFileSync(
    place("provisioning/dashboards/all.yml"),
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${place("dashboards")}'}}]\n`,
  );
  copyFileSync(join(dashboards, "dashboards/node-exporter-full.json"), place("dashboards/full.json"));
  await run(
    [
      "server",
      `--config.file=${place("prometheus.yml")}`,
      `--storage.tsdb.path=${place("data")}`,
      `--web.listen-address=${server}`,
    ],
    `${server}/-/ready`,
  );
  await run(
    [
      "dashboards",
      "cfg:server.http_addr=127.0.0.1",
      `cfg:server.http_port=${role.split(":")[1]}`,
      `cfg:paths.data=${place("state")}`,
      `cfg:paths.provisioning=${place("provisioning")}`,
      "cfg:auth.anonymous.enabled=true",
    ],
    `${role}/api/health`,
  );
  const url = `http://${role}/d/${UID}?from=now-24h&to=now&refresh=`;
  // The role answers before its pages are there.
  while (!(await fetch(url)).ok) await pause(200);
  return { url, series };
}

/** Waits until each panel in sight shows its data and nothing is on its way; when that was, ms after the navigation. */
const settled = (page: Page): Promise<number> =>
  page.evaluate(`new Promise((done) => {
    const look = () => {
      const root = document.querySelector("[data-dashboard-uid][data-state=ready]");
      const panels = [...document.querySelectorAll("[data-panel-id]")];
      const isSettled = (panel) => panel.dataset.panelState !== "loading" && panel.getAttribute("aria-busy") !== "true";
      if (root !== null && panels.length > 1 && panels.every(isSettled)) requestAnimationFrame(() => done(performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  })`);

/** CPU time of the page's main thread so far, ms. */
async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN);
}

interface Costs {
  /** From the navigation until all panels in sight had data, ms. */
  readonly opening: number[];
  /** Of a refresh, CPU time of the main thread, ms. */
  readonly refreshing: number[];
  /** Of all refreshes, as browsers count them. */
  readonly shifts: number[];
}

/** One page after the other in a browser that has the page's files already. */
async function measure(browser: Browser, url: string): Promise<Costs> {
  const costs: Costs = { opening: [], refreshing: [], shifts: [] };
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  for (let round = 0; round <= ROUNDS; round++) {
    const page = await context.newPage();
    await page.goto(url);
    const opened = await settled(page);
    await page.evaluate(`
      globalThis.shifted = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { shifted += value; }))
        .observe({ type: "layout-shift" });
    `);
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const refresh = page.getByRole("button", { name: "Refresh now" });
    for (let time = 0; time < 2; time++) {
      await pause(1000);
      const before = await busyMs(session);
      await refresh.click();
      await settled(page);
      // In the first round, and with the first refresh of each page, code is compiled.
      if (round > 0 && time > 0) costs.refreshing.push((await busyMs(session)) - before);
    }
    if (round > 0) {
      costs.opening.push(opened);
      costs.shifts.push(await page.evaluate("shifted"));
    }
    await page.close();
  }
  await context.close();
  return costs;
}

/** Node Exporter Full over a day in Chromium: how long until it is there, and what a refresh takes; no peer, but budgets. */
export const dashboardPageCase: BenchCase = {
  name: "dashboard-page",
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    const programs: Program[] = [];
    try {
      const { url, series } = await start(folder.path, programs);
      const browser = await chromium.launch({
        executablePath: process.env["NARTHEX_BROWSER"] ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu"],
      });
      try {
        const { opening, refreshing, shifts } = await measure(browser, url);
        const figure = (what: string, unit: string, ours: readonly number[]): Figure => ({
          what,
          unit,
          better: "lower",
          ours,
          peer: [],
        });
        return {
          setting: `Node Exporter Full, 24 h of ${series} series each minute, Chromium ${browser.version()}, software rendering`,
          figures: [
            figure("from the navigation until panels in sight have data, at most 800", "ms", opening),
            figure("a refresh, CPU time of the main thread, at most 100", "ms", refreshing),
            figure("layout shift of two refreshes, at most 0", "", shifts),
          ],
        };
      } finally {
        await browser.close();
      }
    } finally {
      for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
    }
  },
};
