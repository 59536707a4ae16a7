import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchChromium, settled } from "./chromium-page.ts";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { startNodeExporterFull } from "./node-exporter-full.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const own = new URL("../../bin/narthex", import.meta.url).pathname;
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Time in ms for which the stack scrapes itself before its pages are opened. */
const DATA_MS = 30_000;
/** Wait in ms after the data is shown, for work that a page does later. */
const QUIET_MS = 1500;

/** Script that records the long tasks of the page and its first paint. */
const NOTE_TASKS = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
`;

interface Opened {
  readonly name: string;
  readonly url: string;
  /** Resolves with the time from the navigation until the page shows its data, ms. */
  readonly hasData: (page: Page) => Promise<number>;
}

interface Visit {
  readonly paint: number;
  readonly data: number;
  readonly longest: number;
  readonly kilobytes: number;
}

/**
 * Returns a function that waits until an element with a text is drawn. The page looks for the element in each frame,
 * because Playwright looks only every half second.
 */
const shows =
  (selector: string, text = ""): Opened["hasData"] =>
  (page) =>
    page.evaluate<number>(`new Promise((done) => {
      const isShown = (element) => element.textContent.includes(${JSON.stringify(text)});
      const look = () => {
        const isThere = [...document.querySelectorAll(${JSON.stringify(selector)})].some(isShown);
        requestAnimationFrame(isThere ? () => done(performance.now()) : look);
      };
      look();
    })`);

/** Opens the main pages as a new user, with an empty cache: first paint, data, long tasks and the size of the code. */
export const mainPagesCase: BenchCase = {
  name: "main-pages",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    await using programs = new AsyncDisposableStack();
    const nodes: Program[] = [];
    programs.defer(async () => {
      for (const program of nodes.toReversed()) await program[Symbol.asyncDispose]();
    });
    const full = await startNodeExporterFull(folder.path, nodes);
    const offset = await startStack(join(folder.path, "stack"), programs);
    await pause(DATA_MS);
    const browser = await launchChromium();
    programs.defer(() => browser.close());
    const figures: Figure[] = [];
    for (const page of [...stackPages(offset), { name: "Node Exporter Full", url: full.url, hasData: settled }]) {
      const visits: Visit[] = [];
      for (let round = -1; round < ROUNDS; round++) {
        const one = await visit(browser, page);
        // Drops the first visit, because the server and the browser compile code.
        if (round >= 0) visits.push(one);
      }
      const figure = (what: string, unit: string, key: keyof Visit): Figure => ({
        what: `${page.name}: ${what}`,
        unit,
        better: "lower",
        ours: visits.map((each) => each[key]),
        peer: [],
      });
      figures.push(
        figure("first contentful paint", "ms", "paint"),
        figure("until its data is shown, at most 700", "ms", "data"),
        figure("longest task, at most 50; 0 if none is longer", "ms", "longest"),
        figure("JavaScript, as transferred", "kB", "kilobytes"),
      );
    }
    return { setting: `Chromium ${browser.version()} without a cache, software rendering`, figures };
  },
};

/** Starts the whole stack, which scrapes itself, and returns the offset of its ports. */
async function startStack(folder: string, programs: AsyncDisposableStack): Promise<number> {
  const offset = (await freePort()) - 9090;
  const visitor = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin" };
  const stack = programs.use(new Program(own, ["up", `--port-offset=${offset}`, `--data-dir=${folder}`], visitor));
  await stack.ready(`http://127.0.0.1:${9090 + offset}/-/ready`);
  await stack.ready(`http://127.0.0.1:${3000 + offset}/api/health`);
  return offset;
}

const stackPages = (offset: number): readonly Opened[] => {
  const [dashboards, server] = [3000, 9090].map((port) => `http://127.0.0.1:${port + offset}`) as [string, string];
  return [
    { name: "Overview", url: `${dashboards}/d/narthex-overview`, hasData: settled },
    { name: "Host", url: `${dashboards}/d/narthex-host`, hasData: settled },
    { name: "Dashboards", url: `${dashboards}/dashboards`, hasData: shows("main a[href*='/d/']") },
    {
      name: "Panel editor",
      url: `${dashboards}/d/narthex-host?editPanel=1`,
      hasData: shows("[data-edit-panel] [data-panel-state=data]"),
    },
    {
      name: "Query",
      url: `${server}/query?g0.expr=rate(node_cpu_seconds_total[1m])&g0.tab=graph`,
      hasData: shows("main canvas"),
    },
    { name: "Alerts", url: `${server}/alerts`, hasData: shows("main", "HostHighCpu") },
    { name: "Targets", url: `${server}/targets`, hasData: shows("main", "localhost:") },
  ];
};

/** Opens a page in a new browser context, which has an empty cache. */
async function visit(browser: Browser, { url, hasData }: Opened): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(NOTE_TASKS);
    await page.goto(url, { waitUntil: "commit" });
    const data = await hasData(page);
    await pause(QUIET_MS);
    const [paint, longest, bytes] = await page.evaluate<[number, number, number]>(`[
      performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
      Math.max(0, ...longTasks),
      performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.endsWith(".js"))
        .reduce((sum, { transferSize }) => sum + transferSize, 0),
    ]`);
    return { paint, data, longest, kilobytes: bytes / 1000 };
  } finally {
    await context.close();
  }
}
