import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { busyMs, launchProfile, settled } from "./chromium-page.ts";
import { rounds } from "./flags.ts";
import { type NodeExporterFull, startNodeExporterFull } from "./node-exporter-full.ts";
import { pause, type Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Time in ms until a browser saves the compiled code of a page that it has shown twice. */
const COMPILED_MS = 2500;

interface Costs {
  /**
   * Time in ms from the navigation until the frames of the visible panels were drawn; their data may still be missing.
   */
  readonly framing: number[];
  /** Time in ms from the navigation until all visible panels had data. */
  readonly opening: number[];
  /** CPU time of the main thread during `opening`, ms. */
  readonly openingBusy: number[];
  /** CPU time of the main thread for a refresh, ms. */
  readonly refreshing: number[];
  /** Cumulative layout shift of all refreshes, as browsers compute it. */
  readonly shifts: number[];
  /** Time in ms from the navigation until all visible panels had data, on a dashboard with all rows expanded. */
  readonly openingRows: number[];
  /**
   * Time in ms from a scroll by one screen until the panels on that screen had data; median over the screens of the
   * page.
   */
  readonly scrolling: number[];
  /** Time in ms of the slowest screen after a scroll. */
  readonly slowestScreen: number[];
}

/** Script that records when the frames of panels first appear in the page. */
const NOTE_FRAMES = `
  const look = () => {
    if (document.querySelectorAll("[data-panel-id]").length > 1) globalThis.framedAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
`;

async function measureOpening(context: BrowserContext, url: string, costs: Costs, isRecorded: boolean): Promise<void> {
  const page = await context.newPage();
  await page.addInitScript(NOTE_FRAMES);
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(url);
  const opened = await settled(page);
  const opening = await busyMs(session);
  const framed = await page.evaluate<number>("framedAt");
  await page.evaluate(`
    globalThis.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { shifted += value; }))
      .observe({ type: "layout-shift" });
  `);
  const refresh = page.getByRole("button", { name: "Refresh now" });
  for (let time = 0; time < 2; time++) {
    await pause(1000);
    const before = await busyMs(session);
    await refresh.click();
    await settled(page);
    // Skips the first round and the first refresh of each page, because they compile code.
    if (isRecorded && time > 0) costs.refreshing.push((await busyMs(session)) - before);
  }
  if (isRecorded) {
    costs.framing.push(framed);
    costs.opening.push(opened);
    costs.openingBusy.push(opening);
    costs.shifts.push(await page.evaluate("shifted"));
  }
  await page.close();
}

/**
 * Scrolls down by one screen.
 * @returns whether there is more of the page below
 */
const scrollOn = (page: Page): Promise<boolean> =>
  page.evaluate(`(() => {
    scrollBy(0, innerHeight);
    return scrollY + innerHeight < document.documentElement.scrollHeight - 1;
  })()`);

async function measureRows(context: BrowserContext, url: string, costs: Costs): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  costs.openingRows.push(await settled(page));
  const screens: number[] = [];
  for (let hasMore = true; hasMore;) {
    const before = await page.evaluate<number>("performance.now()");
    hasMore = await scrollOn(page);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    screens.push((await settled(page)) - before);
  }
  costs.scrolling.push(screens.toSorted((a, b) => a - b)[screens.length >> 1]!);
  costs.slowestScreen.push(Math.max(...screens));
  await page.close();
}

/** Opens the dashboard pages several times, in a browser that has already cached their files. */
async function measure(context: BrowserContext, { url, openUrl }: NodeExporterFull): Promise<Costs> {
  const costs: Costs = {
    framing: [],
    opening: [],
    openingBusy: [],
    refreshing: [],
    shifts: [],
    openingRows: [],
    scrolling: [],
    slowestScreen: [],
  };
  for (let round = -1; round <= ROUNDS; round++) {
    await measureOpening(context, url, costs, round > 0);
    if (round > 0) await measureRows(context, openUrl, costs);
    else await pause(COMPILED_MS);
  }
  return costs;
}

/**
 * Opens the dashboard Node Exporter Full for one day in Chromium. Measures the time until the page is complete and the
 * cost of a refresh against fixed limits.
 */
export const dashboardPageCase: BenchCase = {
  name: "dashboard-page",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    const programs: Program[] = [];
    try {
      const parts = await startNodeExporterFull(folder.path, programs);
      const context = await launchProfile(join(folder.path, "profile"));
      try {
        const costs = await measure(context, parts);
        const figure = (what: string, unit: string, ours: readonly number[]): Figure => ({
          what,
          unit,
          better: "lower",
          ours,
          peer: [],
        });
        return {
          setting: `Node Exporter Full, 24 h of ${parts.series} series each minute, Chromium ${context.browser()?.version()}, software rendering`,
          figures: [
            figure("from the navigation until the frames of panels are there", "ms", costs.framing),
            figure("… until panels in sight have data, at most 800", "ms", costs.opening),
            figure("… of that CPU time of the main thread", "ms", costs.openingBusy),
            figure("a refresh, CPU time of the main thread, at most 100", "ms", costs.refreshing),
            figure("layout shift of two refreshes, at most 0", "", costs.shifts),
            figure("all rows open, until panels in sight have data, at most 2000", "ms", costs.openingRows),
            figure("… a screen further, until its panels have data", "ms", costs.scrolling),
            figure("… the slowest screen", "ms", costs.slowestScreen),
          ],
        };
      } finally {
        await context.close();
      }
    } finally {
      for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
    }
  },
};
