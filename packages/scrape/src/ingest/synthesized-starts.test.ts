import { type Appendable, OUTCOME_UNKNOWN_SERIES, type SampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const URL = "http://h:1/metrics";
const EPOCH = 1_700_000_000_000;

class ForgetfulStorage implements Appendable {
  readonly memory: MemoryStorage;
  /** If true, the storage forgets the first series of the next batch. */
  forgets = false;

  constructor(memory: MemoryStorage) {
    this.memory = memory;
  }

  appender: Appendable["appender"] = (options) => {
    const appender = this.memory.appender(options);
    const append = appender.append.bind(appender);
    appender.append = (batch: SampleBatch) => {
      append(batch);
      if (this.forgets) batch.outcomes[0] = OUTCOME_UNKNOWN_SERIES;
      this.forgets = false;
    };
    return appender;
  };
}

async function scraping(bodies: readonly string[], more = "", synthesizesStarts = true) {
  const memory = new MemoryStorage();
  const storage = new ForgetfulStorage(memory);
  const scrape = new ScriptedScrape({ appendable: storage, synthesizesStarts });
  scrape.answers.set(URL, bodies[0]!);
  await scrape.apply(
    `scrape_configs: [{job_name: a, ${more}scrape_interval: 10s, static_configs: [{targets: [h:1]}]}]`,
  );
  while (scrape.requests.length === 0) await scrape.clock.advance(10);
  const next = async (body: string): Promise<void> => {
    scrape.answers.set(URL, body);
    await scrape.clock.advance(10_000);
  };
  for (const body of bodies.slice(1)) await next(body);
  const samplesOf = (name: string) =>
    [...memory.series.values()].filter(({ labels }) => labels.get("__name__") === name).map(({ samples }) => samples);
  const values = (name: string): string[] =>
    samplesOf(name).flatMap(({ count, values: column }) =>
      [...column.subarray(0, count)].map((value) => (Number.isNaN(value) ? "stale" : String(value))),
    );
  /** Returns the start times of a series' samples in seconds. */
  const starts = (name: string): number[] =>
    samplesOf(name).flatMap(({ count, startTimestamps }) =>
      [...(startTimestamps?.subarray(0, count) ?? [])].filter((start) => start !== 0).map((ms) => (ms - EPOCH) / 1000),
    );
  return { scrape, memory, storage, next, values, starts };
}

const counter = (value: number | string): string => `# TYPE a_total counter\na_total ${value}\n`;

test("the first sample of a counter is held back and subtracted from later ones, and a fall of the value sets the start a millisecond before", async () => {
  const { memory, next, values, starts } = await scraping([counter(10)]);
  expect([...memory.series.values()].map(({ labels }) => labels.get("__name__"))).not.toContain("a_total");
  expect(values("scrape_series_added")).toEqual(["1"]);
  for (const value of [12, 15, 3, 4]) await next(counter(value));
  expect(values("a_total")).toEqual(["2", "5", "3", "4"]);
  const [first, , reset] = starts("a_total");
  expect(starts("a_total")).toEqual([first, first, reset, reset]);
  expect(reset! - first!).toBeCloseTo(30 - 0.001, 6);
  expect(values("scrape_series_added")).toEqual(["1", "0", "0", "0", "0"]);
  expect(values("scrape_samples_post_metric_relabeling")).toEqual(["1", "1", "1", "1", "1"]);
});

const kinds = (i: number): string => `plain ${i}
# TYPE level gauge
level ${i}
# TYPE wait histogram
wait_bucket{le="+Inf"} ${i}
wait_sum ${i * 2}
wait_count ${i}
wait_created ${i}
# TYPE last summary
last{quantile="0.5"} ${i}
last_sum ${i * 2}
last_count ${i}
# TYPE requests counter
requests_total ${i}
requests ${i}
stranger_total ${i}
`;

test("starts of histograms and of sums and counts of summaries are synthesized; gauges, quantiles and other series stay unchanged", async () => {
  const { values, starts } = await scraping([kinds(5), kinds(6), kinds(8)]);
  for (const name of ["plain", "level", "last", "wait_created", "stranger_total"]) {
    expect([name, values(name), starts(name)]).toEqual([name, ["5", "6", "8"], []]);
  }
  for (const name of ["wait_bucket", "wait_count", "last_count", "requests_total", "requests"]) {
    expect([name, values(name), starts(name).length]).toEqual([name, ["1", "3"], 2]);
  }
  expect([values("wait_sum"), values("last_sum")]).toEqual([
    ["2", "6"],
    ["2", "6"],
  ]);
});

test("without the option all samples are stored unchanged", async () => {
  const { values, starts } = await scraping([counter(10), counter(12)], "", false);
  expect([values("a_total"), starts("a_total")]).toEqual([["10", "12"], []]);
});

test("a series that a scrape lacks begins again when it returns, and a failed scrape changes nothing", async () => {
  const { values, scrape, next } = await scraping([counter(10), counter(12), "b 1\n", counter(14), counter(15)]);
  expect(values("a_total")).toEqual(["2", "stale", "1"]);
  scrape.answers.set(URL, new Error("down"));
  await scrape.clock.advance(10_000);
  await next(counter(19));
  expect(values("a_total")).toEqual(["2", "stale", "1", "stale", "5"]);
});

test("a family that becomes a counter is synthesized from then on, and a counter stays a counter", async () => {
  const gauge = (value: number): string => `# TYPE a_total gauge\na_total ${value}\nb 1\n`;
  const { values } = await scraping([gauge(1), gauge(2), counter(5), counter(7), gauge(8)]);
  expect(values("a_total")).toEqual(["1", "2", "2", "3"]);
});

test("after a refused sample the next sample of the series is held back", async () => {
  const at = (value: number, seconds: number): string => counter(`${value} ${EPOCH + seconds * 1000}`);
  const { values, scrape } = await scraping([at(1, 0), at(2, 5), at(3, 4), at(4, 20), at(6, 30)]);
  expect(values("a_total")).toEqual(["1", "stale", "2"]);
  expect(await scrape.counter("prometheus_target_scrapes_sample_out_of_order_total")).toBe(1);
});

test("a repeated line is a duplicate, after which the next sample of the series is held back, as in Prometheus", async () => {
  const { values, next } = await scraping([counter("1\na_total 1"), counter("2\na_total 2"), counter(3)]);
  expect(values("a_total")).toEqual([]);
  await next(counter(5));
  expect(values("a_total")).toEqual(["2"]);
});

test("a body that is read again, because the storage forgot a series, results in the same samples", async () => {
  const twice = (i: number): string =>
    `# TYPE a_total counter\na_total ${i}\n# TYPE t_total counter\nt_total ${i} ${EPOCH + i * 1000}\nt_total ${i + 1} ${EPOCH + i * 1000 + 500}\n`;
  const { values, storage, next } = await scraping([`g 1\n${twice(1)}`]);
  storage.forgets = true;
  await next(`g 1\n${twice(5)}# TYPE new_total counter\nnew_total 3\n`);
  await next(`g 1\n${twice(9)}# TYPE new_total counter\nnew_total 4\n`);
  expect(values("a_total")).toEqual(["4", "8"]);
  expect(values("new_total")).toEqual(["1"]);
  // The body contains several samples of the series and was read twice. In this case, the first sample becomes the base
  // of a new start.
  expect(values("t_total")).toEqual(["1", "1", "4", "5"]);
  expect(values("scrape_series_added")).toEqual(["3", "2", "0"]);
});

test("a sample that is held back counts neither towards the sample limit nor in the budget", async () => {
  const two = (i: number): string => `# TYPE a_total counter\na_total{x="1"} ${i}\na_total{x="2"} ${i}\n`;
  const limited = await scraping([two(1), two(2)], "sample_limit: 1, ");
  expect(limited.values("up")).toEqual(["1", "0"]);
  const budgeted = await scraping([two(1), two(2), two(3)], "series_budget: {series: 1, action: cut}, ");
  expect(budgeted.values("a_total")).toEqual(["1", "2"]);
});
