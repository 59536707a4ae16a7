import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const URL = "http://h:1/metrics";
const LABELS = '{instance="h:1", job="a"}';
const HOUR = 3_600_000;

/** Scrapes a target that returns the `bodies` one after the other, at an interval of 10 s. */
async function scraping(more: string, ...bodies: readonly string[]): Promise<ScriptedScrape> {
  const scrape = new ScriptedScrape();
  scrape.answers.set(URL, bodies[0]!);
  const fields = more.replace(/^/gm, "  ");
  await scrape.apply(
    `scrape_configs:\n- job_name: a\n  scrape_interval: 10s\n${fields}\n  static_configs: [{targets: [h:1]}]\n`,
  );
  while (scrape.requests.length === 0) await scrape.clock.advance(10);
  for (const body of bodies.slice(1)) {
    scrape.answers.set(URL, body);
    await scrape.clock.advance(10_000);
  }
  return scrape;
}

/** Returns the sample values of a series without their timestamps. */
const values = (scrape: ScriptedScrape, name: string): string[] | undefined =>
  scrape.stored(true)[name + LABELS]?.map((row) => row.split(" ")[1]!);

test("a series whose first sample is refused is new at the next scrape, and gets no stale marker", async () => {
  const late = `x 1 ${1_700_000_000_000 + HOUR}\ny 1\n`;
  const scrape = await scraping("track_timestamps_staleness: true", late, late, "y 1\n");
  expect(values(scrape, "x")).toBeUndefined();
  expect(values(scrape, "scrape_series_added")).toEqual(["1", "0", "0"]);
  expect(await scrape.counter("prometheus_target_scrapes_sample_out_of_bounds_total")).toBe(2);
});

test("a line whose first sample is refused may be repeated in the same scrape", async () => {
  const scrape = await scraping("", `x 1 ${1_700_000_000_000 + HOUR}\nx 2\nx 3\n`);
  expect(values(scrape, "x")).toEqual(["2"]);
  expect(await scrape.counter("prometheus_target_scrapes_sample_duplicate_timestamp_total")).toBe(1);
});

test("exemplars of refused samples are not stored", async () => {
  const at = 1_700_000_000 + HOUR / 1000;
  const body = `x_total 1 ${at} # {a="b"} 1 5\ny_total 1 # {a="b"} 1 5\n# EOF\n`;
  const scrape = await scraping("scrape_protocols: [OpenMetricsText1.0.0]", "");
  scrape.answers.set(URL, { headers: { "content-type": "application/openmetrics-text" }, body });
  await scrape.clock.advance(10_000);
  const owners = [...scrape.storage.series.values()].filter(({ exemplars }) => exemplars.length > 0);
  expect(owners.map(({ labels }) => labels.get("__name__"))).toEqual(["y_total"]);
});

test("series beyond sample_limit are not created in the storage, and none of them gets a stale marker", async () => {
  const scrape = await scraping("sample_limit: 2", "a 1\nb 1\n", "a 1\nb 1\nc 1\nd 1\n", "", "c 1\n");
  expect(values(scrape, "c")).toEqual(["1"]);
  expect([...scrape.storage.series.values()].map(({ labels }) => labels.get("__name__"))).not.toContain("d");
  expect(values(scrape, "a")).toEqual(["1", "stale"]);
  expect(values(scrape, "scrape_series_added")).toEqual(["2", "0", "0", "1"]);
});

test("an exceeded limit is counted even if a later line of the body is invalid", async () => {
  const scrape = await scraping("sample_limit: 1", "a 1\nb 1\nbroken\n");
  expect(scrape.manager.views.targets().activeTargets[0]!.lastError).toContain("expected value after metric");
  expect(await scrape.counter("prometheus_target_scrapes_exceeded_sample_limit_total")).toBe(1);
});

test("a series continues if only the spelling of its line changes", async () => {
  const scrape = await scraping("track_timestamps_staleness: true", "x 1 1699999990000\n", "x{} 2 1699999991000\n");
  expect(values(scrape, "x")).toEqual(["1", "2"]);
});

test.each([
  ["", true],
  ["metric_relabel_configs: [{regex: a, action: labeldrop}]", false],
  ["metric_relabel_configs: [{source_labels: [b], target_label: a}]", true],
  ["metric_relabel_configs: [{source_labels: [__name__], regex: x, action: drop}]", false],
])("a repeated label fails the scrape unless relabeling with %j removes the repetition", async (more, fails) => {
  const scrape = await scraping(more, 'x{a="1",a="2",b="3"} 1\n');
  const { lastError } = scrape.manager.views.targets().activeTargets[0]!;
  expect(lastError).toBe(fails ? 'label name "a" is not unique: invalid sample' : "");
});

test("the exemplars of a sample are counted as out of order if all of them are", async () => {
  const body = (time: number): string => `x_total 1 # {a="b"} 1 ${time}\n# EOF\n`;
  const scrape = new ScriptedScrape();
  const headers = { "content-type": "application/openmetrics-text" };
  scrape.answers.set(URL, { headers, body: body(20) });
  await scrape.apply("scrape_configs:\n- {job_name: a, scrape_interval: 10s, static_configs: [{targets: [h:1]}]}\n");
  while (scrape.requests.length === 0) await scrape.clock.advance(10);
  scrape.answers.set(URL, { headers, body: body(10) });
  await scrape.clock.advance(10_000);
  expect(await scrape.counter("prometheus_target_scrapes_exemplar_out_of_order_total")).toBe(1);
});

test("if there is no room for a new series the scrape fails as a whole, and the target's last error shows the reason", async () => {
  const scrape = await scraping("", "a 1\n", "a 2\n");
  scrape.storage.maxSeries = scrape.storage.series.size;
  scrape.answers.set(URL, "a 3\nb 1\n");
  await scrape.clock.advance(10_000);
  const [target] = scrape.manager.views.targets().activeTargets;
  expect(target).toMatchObject({ health: "down", lastError: "the memory store is full" });
  expect(values(scrape, "a")).toEqual(["1", "2"]);
  expect(values(scrape, "up")).toEqual(["1", "1", "0"]);
  scrape.storage.maxSeries = Infinity;
  await scrape.clock.advance(10_000);
  expect(values(scrape, "a")).toEqual(["1", "2", "3"]);
  expect(values(scrape, "b")).toEqual(["1"]);
  expect(values(scrape, "up")).toEqual(["1", "1", "0", "1"]);
});

test("report series for which there was no room are requested again", async () => {
  const scrape = new ScriptedScrape();
  scrape.storage.maxSeries = 0;
  scrape.answers.set(URL, "a 1\n");
  await scrape.apply("scrape_configs: [{job_name: a, scrape_interval: 10s, static_configs: [{targets: ['h:1']}]}]");
  while (scrape.requests.length < 2) await scrape.clock.advance(10);
  scrape.storage.maxSeries = Infinity;
  await scrape.clock.advance(10_000);
  expect(values(scrape, "up")).toEqual(["1"]);
});
