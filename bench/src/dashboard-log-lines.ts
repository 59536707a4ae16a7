import type { Page } from "playwright-core";
import { busyMs, launchChromium } from "./chromium-page.ts";
import { rounds } from "./flags.ts";
import { startLokiLines } from "./loki-lines.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { openPanels, startSourcesRole, untilPages } from "./sources-role.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const LINES = 5000;
/** Number of frames of a scroll, and pixels per frame: a few lines, as with a wheel. */
const [FRAMES, PIXELS] = [240, 60];
const TO = Date.UTC(2026, 0, 1);

const dashboard = {
  uid: "lines",
  title: "Lines",
  schemaVersion: 41,
  time: { from: new Date(TO - 3_600_000).toISOString(), to: new Date(TO).toISOString() },
  panels: [
    {
      id: 1,
      type: "logs",
      title: "Lines",
      gridPos: { x: 0, y: 0, w: 24, h: 18 },
      datasource: { type: "loki", uid: "loki" },
      options: { showTime: true, showLabels: true, sortOrder: "Descending", enableLogDetails: true },
      targets: [{ refId: "A", expr: '{app=~".+"}', queryType: "range", maxLines: LINES }],
    },
    { id: 2, type: "text", title: "Text", gridPos: { x: 0, y: 18, w: 24, h: 2 }, options: { content: "-" } },
  ],
};

/** Scrolls down by some pixels in each frame. Resolves with the times between frames, ms. */
const scroll = (page: Page): Promise<number[]> =>
  page.evaluate(`new Promise((done) => {
    let box = document.querySelector("[role=list][aria-label='Log lines']");
    while (box.scrollHeight <= box.clientHeight || getComputedStyle(box).overflowY === "visible") box = box.parentElement;
    const times = [];
    let last;
    const step = (now) => {
      if (last !== undefined) times.push(now - last);
      last = now;
      box.scrollTop += ${PIXELS};
      if (times.length < ${FRAMES}) requestAnimationFrame(step);
      else done(times);
    };
    requestAnimationFrame(step);
  })`);

const share = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(part * (times.length - 1))]!;

/** Measures how smoothly a panel of 5,000 log lines scrolls in Chromium. */
export const dashboardLogLinesCase: BenchCase = {
  name: "dashboard-log-lines",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    await using loki = await startLokiLines(LINES, TO);
    const sources = [{ name: "Lines", uid: "loki", type: "loki", url: loki.url, isDefault: true }];
    const { program, base } = await startSourcesRole({ folder: folder.path, sources, dashboards: [dashboard] });
    await using _ended = program;
    await untilPages(base);
    const browser = await launchChromium();
    const [opening, p95, p99, busy]: readonly [number[], number[], number[], number[]] = [[], [], [], []];
    try {
      for (let round = -1; round < ROUNDS; round++) {
        const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
        const session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
        const { all } = await openPanels(page, `${base}/d/lines`);
        const before = await busyMs(session);
        const times = await scroll(page);
        const after = await busyMs(session);
        const shown = await page.getByRole("listitem").count();
        if (shown === 0 || shown > LINES / 10) throw new Error(`the page has ${shown} lines after the scroll`);
        await page.close();
        // Skips the first round, which compiles code.
        if (round < 0) continue;
        opening.push(all);
        p95.push(share(times, 0.95));
        p99.push(share(times, 0.99));
        busy.push((after - before) / FRAMES);
      }
      const figure = (what: string, ours: readonly number[]) =>
        ({ what, unit: "ms", better: "lower", ours, peer: [] }) as const;
      return {
        setting: `${LINES} lines of ${LINES / 500} streams with labels, ${PIXELS} pixels per frame, Chromium ${browser.version()}, software rendering`,
        figures: [
          figure("from the request of the lines until they are drawn", opening),
          figure("time between two frames of a scroll, p95, at most 16.7", p95),
          figure("… p99", p99),
          figure("… CPU time of the main thread per frame", busy),
        ],
      };
    } finally {
      await browser.close();
    }
  },
};
