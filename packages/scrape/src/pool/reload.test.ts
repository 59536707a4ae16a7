import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const TARGETS = 3;
const RELOADS = 50;

/** Settings that may differ between two configurations. Each job except the first uses one setting. */
interface Settings {
  readonly rule: string;
  readonly interval: string;
  readonly header: string;
  readonly more: boolean;
  readonly guest: boolean;
}

const START: Settings = { rule: "one", interval: "1s", header: "x", more: false, guest: false };

const addresses = (job: string): string[] => Array.from({ length: TARGETS }, (_, i) => `${job}-${i}:1`);

const config = ({ rule, interval, header, more, guest }: Settings): string => `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- {job_name: still, static_configs: [{targets: [${addresses("still").join()}]}]}
- job_name: rule
  relabel_configs: [{target_label: rule, replacement: ${rule}}]
  static_configs: [{targets: [${addresses("rule").join()}]}]
- {job_name: interval, scrape_interval: ${interval}, static_configs: [{targets: [${addresses("interval").join()}]}]}
- job_name: header
  http_headers: {x-test: {values: [${header}]}}
  static_configs: [{targets: [${addresses("header").join()}]}]
- {job_name: guests, static_configs: [{targets: [${[...addresses("guests"), ...(guest ? ["guest:1"] : [])].join()}]}]}
${more ? `- {job_name: more, static_configs: [{targets: [${addresses("more").join()}]}]}` : ""}`;

/**
 * Returns the n-th configuration of a sequence. Each configuration differs from the one before in at most one setting.
 */
function nth(n: number): Settings {
  const turns = (kind: number): boolean => Math.floor((n + 6 - kind) / 6) % 2 === 1;
  return {
    rule: turns(1) ? "two" : "one",
    interval: turns(2) ? "2s" : "1s",
    header: turns(3) ? "y" : "x",
    more: turns(4),
    guest: turns(5),
  };
}

/** Returns the samples of the metric `x` of a job by series, with timestamps in seconds. */
function samples(scrape: ScriptedScrape, job: string): { series: string; times: number[]; ends: number[] }[] {
  return Object.entries(scrape.stored())
    .filter(([series]) => series.includes(`job="${job}"`))
    .map(([series, rows]) => {
      const parsed = rows.map((row) => row.split(" "));
      const at = (stale: boolean): number[] =>
        parsed.filter(([, value]) => (value === "stale") === stale).map(([time]) => Number(time));
      return { series, times: at(false), ends: at(true) };
    });
}

const steps = (times: readonly number[]): Set<number> =>
  new Set(times.slice(1).map((time, i) => Number((time - times[i]!).toFixed(3))));

test("after fifty reloads of one setting each, unchanged targets are scraped on time, and no loop or client is left over", async () => {
  const scrape = new ScriptedScrape();
  for (const job of ["still", "rule", "interval", "header", "guests", "more"]) {
    for (const address of addresses(job)) scrape.answers.set(`http://${address}/metrics`, "x 1\n");
  }
  scrape.answers.set("http://guest:1/metrics", "x 1\n");
  await scrape.apply(config(START));
  await scrape.clock.advance(6000);
  const pending: number[] = [];
  for (let n = 1; n <= RELOADS; n++) {
    await scrape.apply(config(nth(n)));
    await scrape.clock.advance(1370);
    if (n === 4 || n === RELOADS) {
      await scrape.apply(config(START));
      await scrape.clock.advance(9000);
      pending.push(scrape.clock.pending);
    }
  }
  expect(pending[1]).toBe(pending[0]);
  for (const job of ["still", "header", "guests"]) {
    const found = samples(scrape, job).filter(({ series }) => !series.includes("guest:1"));
    expect(found).toHaveLength(TARGETS);
    for (const { series, times, ends } of found) {
      expect(steps(times), series).toEqual(new Set([1]));
      expect(ends, series).toEqual([]);
      expect(times.length).toBeGreaterThan(80);
    }
  }
  for (const { series, times, ends } of samples(scrape, "interval")) {
    // The time of a scrape within the interval depends on the labels and therefore on the interval. A change of the
    // interval moves a scrape by less than one interval.
    expect(Math.max(...steps(times)), series).toBeLessThan(3);
    expect(ends, series).toEqual([]);
  }
  const ruled = samples(scrape, "rule");
  expect(ruled).toHaveLength(2 * TARGETS);
  for (let i = 0; i < TARGETS; i++) {
    const both = ruled.filter(({ series }) => series.includes(`instance="rule-${i}:1"`));
    const times = both.flatMap((one) => one.times).toSorted((a, b) => a - b);
    expect(Math.max(...steps(times)), `rule-${i}`).toBeLessThan(2);
    for (const { series, ends } of both) expect(ends.length, series).toBeGreaterThan(3);
  }
  await scrape.manager.stop();
  expect(scrape.clock.pending).toBe(0);
});
