import type { Appender, AppendOptions, SampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const A = "http://a:1/metrics";
const B = "http://b:1/metrics";
const CONFIG = "scrape_configs: [{job_name: j, scrape_interval: 10s, static_configs: [{targets: ['a:1', 'b:1']}]}]";

/** A storage whose appenders throw when they receive a sample with the value `breaksAt`. */
class FragileStorage {
  readonly storage = new MemoryStorage();
  breaksAt: number | undefined;
  opened = 0;
  ended = 0;

  appender(options?: AppendOptions): Appender {
    const appender = this.storage.appender(options);
    const append = appender.append.bind(appender);
    const commit = appender.commit.bind(appender);
    const rollback = appender.rollback.bind(appender);
    this.opened++;
    let open = true;
    const end = (): void => {
      if (open) this.ended++;
      open = false;
    };
    return Object.assign(appender, {
      append: (batch: SampleBatch) => {
        const values = batch.values.subarray(0, batch.count);
        if (this.breaksAt !== undefined && values.includes(this.breaksAt)) throw new TypeError("broken storage");
        append(batch);
      },
      commit: () => {
        end();
        return commit();
      },
      rollback: () => {
        end();
        rollback();
      },
    });
  }
}

async function scraping() {
  const fragile = new FragileStorage();
  const scrape = new ScriptedScrape({ appendable: fragile });
  scrape.answers.set(A, "x 1\ny 1\n");
  scrape.answers.set(B, "x 1\ny 1\n");
  await scrape.apply(CONFIG);
  while (scrape.requests.length < 2) await scrape.clock.advance(10);
  await scrape.clock.advance(10_000);
  const values = (name: string, host: string): (number | string)[] => {
    for (const { labels, samples } of fragile.storage.series.values()) {
      if (labels.get("__name__") !== name || labels.get("instance") !== `${host}:1`) continue;
      return [...samples.values.subarray(0, samples.count)].map((value) => (Number.isNaN(value) ? "stale" : value));
    }
    return [];
  };
  const targets = () =>
    scrape.manager.views.targets().activeTargets.map(({ health, lastError }) => ({ health, lastError }));
  return { fragile, scrape, values, targets };
}

test("an unexpected error fails one scrape of one target, which is scraped again", async () => {
  const { fragile, scrape, values, targets } = await scraping();
  scrape.answers.set(A, "x 666\ny 2\n");
  scrape.answers.set(B, "x 3\ny 3\n");
  fragile.breaksAt = 666;
  await scrape.clock.advance(10_000);
  expect(targets()).toEqual([
    { health: "down", lastError: "broken storage" },
    { health: "up", lastError: "" },
  ]);
  expect(fragile.opened).toBe(fragile.ended);
  expect(scrape.self.internalErrors.counts).toEqual(new Map([["scrape", 1]]));
  expect(scrape.logger.lines.filter(({ message }) => message.startsWith("Internal error"))).toEqual([
    expect.objectContaining({ fields: expect.objectContaining({ scrape_pool: "j", target: A }) as unknown }),
  ]);
  scrape.answers.set(A, "x 4\ny 4\n");
  await scrape.clock.advance(10_000);
  expect(values("up", "a")).toEqual([1, 1, 0, 1]);
  expect(values("x", "a")).toEqual([1, 1, "stale", 4]);
  expect(values("x", "b")).toEqual([1, 1, 3, 3]);
  expect(values("y", "b")).toEqual([1, 1, 3, 3]);
});

test("an error while the report is written also fails only one scrape", async () => {
  const { fragile, scrape, values, targets } = await scraping();
  fragile.breaksAt = 2;
  await scrape.clock.advance(10_000);
  expect(targets()).toEqual([
    { health: "down", lastError: "broken storage" },
    { health: "down", lastError: "broken storage" },
  ]);
  expect(fragile.opened).toBe(fragile.ended);
  fragile.breaksAt = undefined;
  await scrape.clock.advance(10_000);
  expect(values("up", "a")).toEqual([1, 1, 0, 1]);
  expect(values("x", "a")).toEqual([1, 1, 1]);
});

test("an error while the stale markers of a target are written affects nothing else", async () => {
  const { fragile, scrape, values } = await scraping();
  const sets = "scrape_configs: [{job_name: j, scrape_interval: 10s, static_configs: [{targets: ['b:1']}]}]";
  await scrape.apply(sets);
  // Makes the storage fail for stale markers, whose value is NaN.
  fragile.breaksAt = NaN;
  await scrape.clock.advance(40_000);
  expect(fragile.opened).toBe(fragile.ended);
  expect(scrape.self.internalErrors.counts).toEqual(new Map([["scrape", 1]]));
  expect(values("x", "a")).toEqual([1, 1]);
  expect(values("up", "b").length).toBeGreaterThan(4);
});
