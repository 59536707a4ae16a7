import { LineCache } from "@narthex/exposition";
import { expect, test, vi } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const URL = "http://h:1/metrics";
const config = (limit: number): string =>
  `scrape_configs: [{job_name: a, sample_limit: ${limit}, scrape_interval: 10s, static_configs: [{targets: ["h:1"]}]}]`;

const page = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `x{i="${from + i}"} ${i}.5\n`).join("");

async function scraping(limit: number): Promise<ScriptedScrape> {
  const scrape = new ScriptedScrape();
  scrape.answers.set(URL, page(0, 20_000));
  await scrape.apply(config(limit));
  while (scrape.requests.length === 0) await scrape.clock.advance(10);
  await scrape.clock.advance(10_000);
  return scrape;
}

test("known lines beyond the sample limit are skipped together, and count", async () => {
  const scrape = await scraping(0);
  await scrape.apply(config(1000));
  const matched = vi.spyOn(LineCache.prototype, "matchLines");
  const taken = vi.spyOn(LineCache.prototype, "take");
  try {
    await scrape.clock.advance(10_000);
    expect(matched.mock.calls.length).toBeLessThan(100);
    expect(taken.mock.calls.length).toBeLessThan(10);
  } finally {
    matched.mockRestore();
    taken.mockRestore();
  }
  expect(scrape.report()).toMatchObject({
    up: 0,
    scrape_samples_scraped: 20_000,
    scrape_samples_post_metric_relabeling: 20_000,
  });
  expect(scrape.manager.views.targets().activeTargets[0]!.lastError).toBe("sample limit exceeded");
});

test("a page with repeated lines does not cause a comparison with all known lines for each repetition", async () => {
  const scrape = await scraping(0);
  scrape.answers.set(URL, page(0, 20_000) + page(0, 20_000));
  const matched = vi.spyOn(LineCache.prototype, "matchLines");
  try {
    await scrape.clock.advance(10_000);
    expect(matched.mock.calls.length).toBeLessThan(200);
  } finally {
    matched.mockRestore();
  }
  expect(scrape.report()).toMatchObject({ up: 1, scrape_samples_scraped: 40_000 });
});

test("new series beyond the sample limit are counted and not stored", async () => {
  const scrape = await scraping(20_000);
  scrape.answers.set(URL, page(0, 60_000));
  const taken = vi.spyOn(LineCache.prototype, "take");
  try {
    await scrape.clock.advance(10_000);
    expect(taken.mock.calls.length).toBeLessThan(10);
  } finally {
    taken.mockRestore();
  }
  expect(scrape.report()).toMatchObject({
    up: 0,
    scrape_samples_scraped: 60_000,
    scrape_samples_post_metric_relabeling: 60_000,
  });
  scrape.answers.set(URL, page(0, 20_000));
  await scrape.clock.advance(10_000);
  expect(scrape.report()).toMatchObject({ up: 1, scrape_series_added: 0 });
});
