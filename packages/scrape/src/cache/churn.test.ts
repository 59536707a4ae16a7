import { createLogger } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { SimulatedDisk } from "@narthex/tsdb/testing";
import { expect, test, vi } from "vitest";
import { SeriesCache } from "./series-cache.ts";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const MINUTE = 60_000;
const SERIES = 500;
const REPLACED = 50;

/**
 * Returns the scraped body of a round. In each round, new series replace the oldest tenth of the series, which are
 * anywhere in the body.
 */
function bodyOf(round: number): string {
  const lines = ["# HELP jobs_total Jobs done.", "# TYPE jobs_total counter"];
  for (let i = 0; i < SERIES; i++) {
    // A series is replaced every ten rounds. All lines have the same length, because the memory of the caches depends
    // on the length.
    const age = String(Math.floor((round + 10 - Math.floor(i / REPLACED)) / 10)).padStart(2, "0");
    lines.push(`jobs_total{pod="pod-${i}-${age}",zone="eu-west-1"} ${round}`);
  }
  return `${lines.join("\n")}\n`;
}

test("with a tenth of the series replaced every 10 s, neither the caches nor the head grow over 30 minutes", async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const logger = createLogger({ level: "error", format: "logfmt", clock, write: () => undefined });
  const files = new SimulatedDisk(() => 0.5).mount();
  const blocks = { minBlockDurationMs: 2 * MINUTE, maxBlockDurationMs: 2 * MINUTE, retentionMs: 6 * MINUTE };
  const db = await openTsdb("/data", { clock, logger, files, lockFile: false, ...blocks });
  const begin = vi.spyOn(SeriesCache.prototype, "begin");
  try {
    const scrape = new ScriptedScrape({ clock, appendable: db.appendable });
    scrape.answers.set("http://h:1/metrics", bodyOf(0));
    await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]");
    const held: { bytes: number; lines: number; series: number }[] = [];
    for (let round = 0; round < 180; round++) {
      // oxlint-disable no-await-in-loop -- one scrape after the other
      scrape.answers.set("http://h:1/metrics", bodyOf(round));
      await clock.advance(10_000);
      if (round % 6 === 5) await db.maintain();
      const cache = begin.mock.contexts[0] as SeriesCache;
      held.push({
        bytes: cache.byteLength,
        lines: cache.lines.size,
        series: (await db.stats(1)).headStats.numSeries,
      });
    }
    expect(new Set(begin.mock.contexts).size).toBe(1);
    const most = (from: number, to: number, key: keyof (typeof held)[number]): number =>
      Math.max(...held.slice(from, to).map((one) => one[key]));
    expect(most(60, 180, "lines")).toBeLessThan(SERIES * 2);
    expect(most(120, 180, "bytes")).toBeLessThanOrEqual(most(30, 90, "bytes"));
    expect(most(120, 180, "series")).toBeLessThanOrEqual(most(30, 90, "series"));
    // The head contains the current series, and the series that were replaced within the two minutes of a block.
    expect(most(120, 180, "series")).toBeLessThan(SERIES + REPLACED * 30);
    await scrape.manager.stop();
  } finally {
    vi.restoreAllMocks();
    await db.close();
  }
});
