import { readFileSync } from "node:fs";
import type { Browser, CDPSession } from "playwright-core";
import { launchChromium, settled } from "./chromium-page.ts";
import { numberFlag } from "./flags.ts";
import { startNodeExporterFull } from "./node-exporter-full.ts";
import { pause, type Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const REFRESH_SECONDS = 5;
/**
 * Number of refreshes of the dashboard before the measurement, which take about 20 minutes. Afterwards code is
 * compiled, caches are full, and the heap has grown by a tenth.
 */
const WARM_UPS = 250;
const MIB = 2 ** 20;

interface BrowserMemory {
  /** JavaScript heap after a collection, MiB. */
  readonly heap: number;
  /** Private memory of the tab's process, as in the browser's task manager, MiB. */
  readonly tab: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Returns the memory of the tab with the dashboard: the browser process of type renderer with the largest heap. */
async function tabMemory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const anonymous = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]);
  return Math.max(...anonymous.map(Number)) / 1024;
}

async function measureMemory(browser: Browser, session: CDPSession): Promise<BrowserMemory> {
  // Measures the tab's memory before the forced garbage collection, because users do not force one.
  const tab = await tabMemory(browser);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
  return { heap: usedSize / MIB, tab, nodes, listeners: jsEventListeners };
}

/**
 * Lets a page refresh itself. Resolves with the memory at the start, in the middle and at the end, and the number of
 * requests.
 */
async function endure(
  browser: Browser,
  url: string,
  minutes: number,
): Promise<{ readonly memory: readonly BrowserMemory[]; readonly requests: number }> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  let requests = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/panels/query")) requests++;
  });
  await page.goto(`${url}${REFRESH_SECONDS}s`);
  await settled(page);
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  const refresh = page.getByRole("button", { name: "Refresh now" });
  for (let time = 0; time < WARM_UPS; time++) {
    await refresh.click();
    await pause(50);
    await settled(page);
  }
  const memory = [await measureMemory(browser, session)];
  requests = 0;
  for (let part = 0; part < 2; part++) {
    await pause((minutes * 60_000) / 2);
    memory.push(await measureMemory(browser, session));
    const { heap, tab, nodes, listeners } = memory.at(-1)!;
    process.stderr.write(
      `heap ${heap.toFixed(1)}, tab ${tab.toFixed(0)} MiB, ${nodes} nodes, ${listeners} listeners\n`,
    );
  }
  await page.close();
  return { memory, requests };
}

/**
 * Refreshes the dashboard Node Exporter Full in Chromium for a long time and measures the memory of the tab. The limits
 * are fixed, because there is no other program to compare.
 */
export const dashboardEnduranceCase: BenchCase = {
  name: "dashboard-endurance",
  byName: true,
  async run(): Promise<CaseResult> {
    const minutes = numberFlag("minutes", 30);
    using folder = new ScratchFolder();
    const programs: Program[] = [];
    try {
      const { url, series } = await startNodeExporterFull(folder.path, programs);
      const browser = await launchChromium();
      try {
        const { memory, requests } = await endure(browser, url, minutes);
        const figure = (what: string, unit: string, of: (one: BrowserMemory) => number): Figure => ({
          what: `${what}: at the start, in the middle, at the end`,
          unit,
          better: "lower",
          ours: memory.map(of),
          peer: [],
        });
        return {
          setting: `Node Exporter Full, 24 h of ${series} series, ${minutes} minutes at ${REFRESH_SECONDS} s, ${requests} refreshes, Chromium ${browser.version()}`,
          figures: [
            figure("heap of JavaScript after a collection, within 10 % of the first", "MiB", ({ heap }) => heap),
            figure("memory of the tab, at most 200", "MiB", ({ tab }) => tab),
            figure("nodes of the document", "", ({ nodes }) => nodes),
            figure("listeners", "", ({ listeners }) => listeners),
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
