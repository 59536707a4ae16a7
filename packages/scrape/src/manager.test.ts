import { expect, test } from "vitest";
import { ScriptedScrape } from "./testing/scripted-target.ts";

const URL = "http://h:1/metrics";

const config = (more = "", targets = "[h:1]", rest = ""): string => `
scrape_configs:
- job_name: a
  scrape_interval: 10s
${more.replace(/^/gm, "  ")}
  static_configs: [{targets: ${targets}}]
${rest}`;

/** Returns a manager that scrapes the target h:1 with the given configuration. The first scrape has just ended. */
async function scraping(more: string, answer: string): Promise<ScriptedScrape & { phase: number }> {
  const scrape = new ScriptedScrape();
  scrape.answers.set(URL, answer);
  await scrape.apply(config(more));
  while (scrape.requests.length === 0) await scrape.clock.advance(10);
  const [up] = scrape.stored(true)['up{instance="h:1", job="a"}']!;
  return Object.assign(scrape, { phase: Number(up!.split(" ")[0]) });
}

/** Returns the timestamps of samples relative to the first scrape. */
const since = (phase: number, rows: readonly string[] | undefined): string[] | undefined =>
  rows?.map((row) => {
    const [time, value] = row.split(" ");
    return `${Number((Number(time) - phase).toFixed(3))} ${value}`;
  });

test("a target is scraped each interval, its samples and report stored with its labels", async () => {
  const scrape = await scraping("", '# TYPE x counter\nx{b="c"} 1\ny 2 5000\n');
  scrape.answers.set(URL, 'x{b="c"} 3\ny 2 6000\nz 1\n');
  await scrape.clock.advance(10_000);
  const { phase } = scrape;
  const stored = scrape.stored();
  expect(since(phase, stored['x{b="c", instance="h:1", job="a"}'])).toEqual(["0 1", "10 3"]);
  expect(stored['y{instance="h:1", job="a"}']).toEqual([`${5 - 1.7e9} 2`, `${6 - 1.7e9} 2`]);
  expect(scrape.report()).toMatchObject({
    up: 1,
    scrape_samples_scraped: 3,
    scrape_samples_post_metric_relabeling: 3,
    scrape_series_added: 1,
  });
  expect(scrape.requests[0]!.options.headers).toMatchObject({
    "User-Agent": "Prometheus/3.14.0",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "10",
  });
});

test("series that vanish get a stale marker, and so do all series when a scrape fails", async () => {
  const scrape = await scraping("", "x 1\ny 1\nz 1 5000\n");
  const { phase } = scrape;
  scrape.answers.set(URL, "x 2\n");
  await scrape.clock.advance(10_000);
  scrape.answers.set(URL, { status: 503, body: "" });
  await scrape.clock.advance(10_000);
  scrape.answers.set(URL, "x 3\n");
  await scrape.clock.advance(10_000);
  const stored = scrape.stored(true);
  expect(since(phase, stored['x{instance="h:1", job="a"}'])).toEqual(["0 1", "10 2", "20 stale", "30 3"]);
  expect(since(phase, stored['y{instance="h:1", job="a"}'])).toEqual(["0 1", "10 stale"]);
  expect(stored['z{instance="h:1", job="a"}']).toHaveLength(1);
  expect(since(phase, stored['up{instance="h:1", job="a"}'])).toEqual(["0 1", "10 1", "20 0", "30 1"]);
});

test("samples of a body that is cut off are not stored, and its series get stale markers at the next failure", async () => {
  const scrape = await scraping("", "x 1\ny 1\n");
  scrape.answers.set(URL, "x 2\nbroken\n");
  await scrape.clock.advance(20_000);
  const { phase } = scrape;
  const stored = scrape.stored();
  expect(since(phase, stored['x{instance="h:1", job="a"}'])).toEqual(["0 1"]);
  expect(since(phase, stored['y{instance="h:1", job="a"}'])).toEqual(["0 1", "10 stale"]);
  scrape.answers.delete(URL);
  await scrape.clock.advance(10_000);
  expect(since(phase, scrape.stored()['x{instance="h:1", job="a"}'])).toEqual(["0 1", "30 stale"]);
});

test.each([
  ["", 'x{a="1"} 1\nbad\n', 'expected value after metric, got "\\n" ("INVALID") while parsing: "bad\\n"'],
  ["", 'x{a="1",a="2"} 1\n', 'label name "a" is not unique: invalid sample'],
  ["sample_limit: 1", "x 1\ny 1\n", "sample limit exceeded"],
  ["body_size_limit: 5B", "x 123\n", "body size limit exceeded"],
  ["label_limit: 3", 'x{a="1"} 1\n', "label_limit exceeded (metric: x, number of labels: 4, limit: 3)"],
  [
    "label_name_length_limit: 8",
    'x{abcdefghi="1"} 1\n',
    "label_name_length_limit exceeded (metric: x, label name: abcdefghi, length: 9, limit: 8)",
  ],
  [
    "label_value_length_limit: 8",
    'x{a="123456789"} 1\n',
    'label_value_length_limit exceeded (metric: x, label name: a, value: "123456789", length: 9, limit: 8)',
  ],
  [
    "metric_name_validation_scheme: legacy",
    '{"a.b"} 1\n',
    'invalid metric name or label names: {__name__="a.b", instance="h:1", job="a"}',
  ],
  [
    "metric_name_validation_scheme: legacy",
    '{"a.b",z="1",c="2",c="3"} 1\n',
    'invalid metric name or label names: {__name__="a.b", c="2", c="3", instance="h:1", job="a", z="1"}',
  ],
  ["metric_relabel_configs: [{regex: __name__, action: labeldrop}]", "x 1\n", "missing metric name (__name__ label)"],
  [
    "target_limit: 1\nrelabel_configs: [{source_labels: [__address__], target_label: x}]",
    "",
    "target_limit exceeded (number of targets: 2, limit: 1)",
  ],
])("with %j a body %j fails the scrape", async (more, body, message) => {
  const scrape = new ScriptedScrape();
  scrape.answers.set(URL, body);
  await scrape.apply(config(more, more.startsWith("target_limit") ? "[h:1, h:2]" : "[h:1]"));
  await scrape.clock.advance(11_000);
  expect(scrape.manager.views.targets().activeTargets[0]).toMatchObject({ health: "down", lastError: message });
  expect(Object.keys(scrape.stored())).toEqual([]);
  expect(scrape.report()["up"]).toBe(0);
});

test("the error of a target that cannot be reached or answers incorrectly shows the reason", async () => {
  const scrape = new ScriptedScrape();
  await scrape.apply(config());
  await scrape.clock.advance(10_000);
  const error = (): string => scrape.manager.views.targets().activeTargets[0]!.lastError;
  expect(error()).toBe('Get "http://h:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused');
  const answers = [
    [{ status: 404, body: "" }, "server returned HTTP status 404 Not Found"],
    [
      { headers: { "content-type": "text/html" }, body: "x 1\n" },
      'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
    ],
    [{ headers: { "content-type": "application/openmetrics-text" }, body: "x 1\n" }, "data does not end with # EOF"],
    [{ headers: {}, body: "" }, ""],
  ] as const;
  for (const [answer, message] of answers) {
    scrape.answers.set(URL, answer);
    await scrape.clock.advance(10_000);
    expect(error()).toBe(message);
  }
});

test("metric_relabel_configs drop and rename series; honor_labels decides which labels have precedence", async () => {
  const relabeling = "metric_relabel_configs: [{source_labels: [__name__], regex: drop.*, action: drop}]";
  const body = 'x{job="mine",instance="",exported_job="e"} 1\ndropped 1\n';
  const plain = await scraping(relabeling, body);
  expect(Object.keys(plain.stored())).toEqual([
    'x{exported_exported_job="mine", exported_job="e", instance="h:1", job="a"}',
  ]);
  expect(plain.report()).toMatchObject({ scrape_samples_scraped: 2, scrape_samples_post_metric_relabeling: 1 });
  const honored = await scraping(`honor_labels: true\n${relabeling}`, body);
  expect(Object.keys(honored.stored())).toEqual(['x{exported_job="e", job="mine"}']);
});

test("a series exposed twice counts as a duplicate and is stored once", async () => {
  const scrape = await scraping("", "x 1\nx 2\n");
  expect(Object.values(scrape.stored())[0]).toHaveLength(1);
  expect(await scrape.counter("prometheus_target_scrapes_sample_duplicate_timestamp_total")).toBe(1);
  expect(scrape.report()).toMatchObject({ up: 1, scrape_samples_post_metric_relabeling: 2, scrape_series_added: 1 });
});

test("when a target leaves its job, its series get stale markers two intervals later, with the time of the first interval", async () => {
  const scrape = await scraping("", "x 1\n");
  const { phase } = scrape;
  await scrape.apply(config("", "[h:2]"));
  await scrape.clock.advance(10_000);
  expect(since(phase, scrape.stored()['x{instance="h:1", job="a"}'])).toEqual(["0 1"]);
  await scrape.clock.advance(11_000);
  const stored = scrape.stored(true);
  expect(since(phase, stored['x{instance="h:1", job="a"}'])).toEqual(["0 1", "10 stale"]);
  expect(since(phase, stored['up{instance="h:1", job="a"}'])).toEqual(["0 1", "10 stale"]);
});

test("a job that is removed, and a manager that stops, write no stale markers", async () => {
  const scrape = await scraping("", "x 1\n");
  await scrape.apply("scrape_configs: [{job_name: b}]");
  await scrape.clock.advance(60_000);
  expect(scrape.stored()['x{instance="h:1", job="a"}']).toHaveLength(1);
  await scrape.manager.stop();
  expect(scrape.clock.pending).toBe(0);
});

test("apply() does not interrupt a target whose job did not change, and keeps its series when the interval changes", async () => {
  const scrape = await scraping("", "x 1\n");
  const { phase } = scrape;
  await scrape.apply(config("", "[h:1, h:2]"));
  await scrape.clock.advance(10_000);
  expect(since(phase, scrape.stored()['x{instance="h:1", job="a"}'])).toEqual(["0 1", "10 1"]);
  await scrape.apply(config("sample_limit: 5", "[h:1]"));
  scrape.answers.set(URL, "y 1\n");
  await scrape.clock.advance(10_001);
  expect(since(phase, scrape.stored()['x{instance="h:1", job="a"}'])).toEqual(["0 1", "10 1", "20 stale"]);
});

test("a scrape that is in progress when its job changes is stored, and the next one is on time", async () => {
  const scrape = await scraping("", "x 1\n");
  const { phase } = scrape;
  const answer = Promise.withResolvers<void>();
  scrape.holding = answer.promise;
  await scrape.clock.advance(10_000);
  await scrape.apply(config("honor_labels: true"));
  await scrape.clock.advance(1000);
  expect(since(phase, scrape.stored()['x{instance="h:1", job="a"}'])).toEqual(["0 1"]);
  scrape.holding = undefined;
  answer.resolve();
  await scrape.clock.advance(9000);
  const stored = scrape.stored(true);
  expect(since(phase, stored['x{instance="h:1", job="a"}'])).toEqual(["0 1", "10 1", "20 1"]);
  expect(since(phase, stored['up{instance="h:1", job="a"}'])).toEqual(["0 1", "10 1", "20 1"]);
  await scrape.manager.stop();
  expect(scrape.clock.pending).toBe(0);
});

test("metadata is kept during failing scrapes and is listed per target and per metric", async () => {
  const scrape = await scraping("", "# HELP x What x is.\n# TYPE x counter\nx 1\n# TYPE y gauge\n");
  scrape.answers.delete(URL);
  await scrape.clock.advance(10_000);
  const target = { instance: "h:1", job: "a" };
  expect(scrape.manager.views.targetMetadata([], "", -1)).toEqual([
    { target, metric: "x", type: "counter", help: "What x is.", unit: "" },
    { target, metric: "y", type: "gauge", help: "", unit: "" },
  ]);
  expect(scrape.manager.views.targetMetadata([], "y", 1)).toEqual([{ target, type: "gauge", help: "", unit: "" }]);
  expect(scrape.manager.views.metadata("", 1, -1)).toEqual({ x: [{ type: "counter", unit: "", help: "What x is." }] });
});

test("targets() shows active and dropped targets as the API does", async () => {
  const scrape = new ScriptedScrape({
    outside: { externalUrl: new globalThis.URL("https://prom.example/x"), listenPort: 9090 },
  });
  scrape.answers.set("http://localhost:9090/metrics", "x 1\n");
  await scrape.apply(
    config("relabel_configs: [{source_labels: [__address__], regex: 'no.*', action: drop}]", "[localhost:9090, no:1]"),
  );
  await scrape.clock.advance(10_000);
  const data = scrape.manager.views.targets();
  expect(data.activeTargets).toMatchObject([
    {
      labels: { instance: "localhost:9090", job: "a" },
      scrapePool: "a",
      scrapeUrl: "http://localhost:9090/metrics",
      globalUrl: "https://prom.example/metrics",
      lastError: "",
      health: "up",
      scrapeInterval: "10s",
      scrapeTimeout: "10s",
      discoveredLabels: { __address__: "localhost:9090", __scheme__: "http", __scrape_interval__: "10s", job: "a" },
    },
  ]);
  expect(data.droppedTargets).toMatchObject([{ scrapePool: "a", discoveredLabels: { __address__: "no:1" } }]);
  expect(data.droppedTargetCounts).toEqual({ a: 1 });
  expect(scrape.manager.views.targets("active")).toMatchObject({ droppedTargets: [], droppedTargetCounts: null });
  expect(scrape.manager.views.targets("any", "b")).toMatchObject({ activeTargets: [] });
  expect(scrape.manager.views.scrapePools()).toEqual(["a"]);
});
