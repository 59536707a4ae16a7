import { join } from "node:path";
import { writeFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium-page.ts";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const own = new URL("../../bin/narthex", import.meta.url).pathname;
const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Simulated network connection of 10 Mbit/s with 20 ms latency. */
const LINE = { offline: false, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8, latency: 20 };
/** Wait in ms for the page's deferred requests, so that the bytes of these requests are counted too. */
const QUIET_MS = 3000;

/**
 * Script that records in the page when an editable field and the full editor were drawn. Polling from outside would add
 * some tenths of a second.
 */
const NOTE_EDITOR = `const drawn = (isThere) => new Promise((resolve) => {
  const look = () => {
    if (!isThere()) requestAnimationFrame(look);
    else requestAnimationFrame(() => resolve(performance.now()));
  };
  look();
});
window.fieldShown = drawn(() => document.activeElement?.matches("[contenteditable=true], textarea"));
window.editorShown = drawn(() => document.querySelector(".cm-editor") !== null);`;

interface Load {
  readonly seconds: number;
  readonly editorSeconds: number;
  readonly kilobytes: number;
}

/**
 * Opens the query page as a new user over a 10 Mbit/s line. Measures the time and the bytes until text can be entered.
 */
export const queryPageCase: BenchCase = {
  name: "query-page",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    const config = join(folder.path, "prometheus.yml");
    writeFileSync(config, "");
    await using server = await start(config, join(folder.path, "data"));
    const browser = await launchChromium();
    const loads: Load[] = [];
    try {
      // The first round has the number -1, and its result is dropped, because the browser has just started.
      for (let round = -1; round < ROUNDS; round++) {
        const one = await load(browser, server.base);
        if (round >= 0) loads.push(one);
      }
    } finally {
      await browser.close();
    }
    const figure = (what: string, unit: string, key: keyof Load) => ({
      what,
      unit,
      better: "lower" as const,
      ours: loads.map((one) => one[key]),
      peer: [],
    });
    return {
      setting: `/query of an empty server in Chromium without a cache, ${LINE.downloadThroughput * 8e-6} Mbit/s, ${LINE.latency} ms`,
      figures: [
        figure("from the address until an expression can be written (budget 0.7)", "s", "seconds"),
        figure("until the editor with its colours is ready", "s", "editorSeconds"),
        figure("bytes of all answers (budget 350)", "kB", "kilobytes"),
      ],
    };
  },
};

async function start(config: string, data: string) {
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`];
  const program = new Program(own, ["server", ...flags]);
  await program.ready(`http://${address}/-/ready`);
  // Waits for the page, because the first start in a checkout builds the pages.
  await program.ready(`http://${address}/query`);
  return { base: `http://${address}`, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** Opens the page in a new browser context, which has an empty cache. */
async function load(browser: Browser, base: string): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", LINE);
    await page.addInitScript(NOTE_EDITOR);
    await page.goto(`${base}/query`, { waitUntil: "commit" });
    const seconds = (await page.evaluate<number>("window.fieldShown")) / 1000;
    const editorSeconds = (await page.evaluate<number>("window.editorShown")) / 1000;
    await pause(QUIET_MS);
    return { seconds, editorSeconds, kilobytes: bytes / 1000 };
  } finally {
    await context.close();
  }
}
