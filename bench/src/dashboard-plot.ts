import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { busyMs, launchChromium } from "./chromium-page.ts";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";
import type { BenchCase } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const root = join(import.meta.dirname, "../..");
const POINTS = 1000;
const STEP_SECONDS = 10;
const ROUNDS = 5;
const MOVES = 60;

interface Drawing {
  readonly uid: string;
  readonly what: string;
  readonly series: number;
  readonly panel: object;
}

const drawings: readonly Drawing[] = [
  { uid: "lines", what: `100 series × ${POINTS} points as lines`, series: 100, panel: { type: "timeseries" } },
  {
    uid: "tooltip",
    what: `100 series × ${POINTS} points as lines, all in the tooltip`,
    series: 100,
    panel: { type: "timeseries", options: { tooltip: { mode: "multi", sort: "desc" }, legend: { calcs: ["max"] } } },
  },
  { uid: "cells", what: `${POINTS} × 60 cells of a heatmap`, series: 60, panel: { type: "heatmap" } },
];

function writeDashboards(folder: string): void {
  const pathOf = (...parts: readonly string[]): string => join(folder, ...parts);
  for (const path of ["provisioning/datasources", "provisioning/dashboards", "dashboards"])
    mkdirSync(pathOf(path), { recursive: true });
  writeFileSync(
    pathOf("provisioning/datasources/made-up.yml"),
    "apiVersion: 1\ndatasources: [{name: Made up, type: testdata, uid: td, isDefault: true}]\n",
  );
  writeFileSync(
    pathOf("provisioning/dashboards/all.yml"),
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${pathOf("dashboards")}'}}]\n`,
  );
  const to = 1_700_000_000_000;
  for (const { uid, series, panel } of drawings) {
    const dashboard = {
      uid,
      title: uid,
      schemaVersion: 41,
      time: {
        from: new Date(to - (POINTS - 1) * STEP_SECONDS * 1000).toISOString(),
        to: new Date(to).toISOString(),
      },
      panels: [
        {
          id: 1,
          title: uid,
          gridPos: { x: 0, y: 0, w: 24, h: 16 },
          datasource: { type: "testdata", uid: "td" },
          interval: `${STEP_SECONDS}s`,
          maxDataPoints: 2 * POINTS,
          targets: [{ refId: "A", scenarioId: "random_walk", seriesCount: series }],
          ...panel,
        },
      ],
    };
    writeFileSync(pathOf("dashboards", `${uid}.json`), JSON.stringify(dashboard));
  }
}

/** Waits until the browser has painted all changes. */
const painted = (page: Page): Promise<unknown> =>
  page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Moves the pointer from the lower left to the upper right, one frame for each move. */
async function moveAlong(page: Page, { x, y, width, height }: Area): Promise<void> {
  for (let move = 1; move <= MOVES; move++) {
    const share = move / (MOVES + 1);
    await page.mouse.move(x + width * share, y + height * (1 - share));
    await painted(page);
  }
}

interface Costs {
  readonly drawing: number[];
  readonly hovering: number[];
}

async function costsOf(page: Page, url: string): Promise<Costs> {
  await page.goto(url);
  await page.locator('[data-panel-state="data"] canvas').waitFor({ timeout: 60_000 });
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const costs: Costs = { drawing: [], hovering: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    await painted(page);
    const before = await busyMs(session);
    await page.setViewportSize({ width: 1400 + (round % 2) * 20, height: 900 });
    await painted(page);
    const drawn = await busyMs(session);
    const over = (await page.locator(".u-over").boundingBox())!;
    await moveAlong(page, { ...over, y: 20, height: 0 });
    const outside = await busyMs(session);
    await moveAlong(page, over);
    const hovered = await busyMs(session);
    await page.mouse.move(0, 0);
    // Skips the first round, which compiles code.
    if (round === 0) continue;
    costs.drawing.push(drawn - before);
    costs.hovering.push((hovered - outside - (outside - drawn)) / MOVES);
  }
  await session.detach();
  return costs;
}

/** Measures the time of the main thread for dashboard plots in Chromium against fixed limits. */
export const dashboardPlotCase: BenchCase = {
  name: "dashboard-plot",
  async run() {
    using folder = new ScratchFolder();
    writeDashboards(folder.path);
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    await using _role = new Program(join(root, "bin/narthex"), [
      "dashboards",
      "cfg:server.http_addr=127.0.0.1",
      `cfg:server.http_port=${port}`,
      `cfg:paths.data=${join(folder.path, "state")}`,
      `cfg:paths.provisioning=${join(folder.path, "provisioning")}`,
      "cfg:auth.anonymous.enabled=true",
    ]);
    await untilReady(`${base}/d/lines`);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      const figures = [];
      for (const { uid, what } of drawings) {
        const { drawing, hovering } = await costsOf(page, `${base}/d/${uid}`);
        figures.push(
          { what: `${what}: drawn anew, at most 30`, unit: "ms", better: "lower" as const, ours: drawing, peer: [] },
          {
            what: `${what}: a move of the pointer beyond one beside the plot, at most 8`,
            unit: "ms",
            better: "lower" as const,
            ours: hovering,
            peer: [],
          },
        );
      }
      return {
        setting: `Chromium ${browser.version()}, CPU time of the page's main thread, software rendering`,
        figures,
      };
    } finally {
      await browser.close();
    }
  },
};

/** Waits for the page, which the server serves only after it has built the user interface. */
async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(200);
  }
  throw new Error(`${url} does not answer`);
}
