import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { MemoryStorage } from "@narthex/storage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StreamedResponse } from "../scheduler/query-lane.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { openTestLane, type TestLane } from "../testing/test-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../testing/written-tsdb.ts";
import type { MetricUsageListing } from "./metric-usage-listing.ts";
import { PieceMemory } from "../response/piece-memory.ts";
import { writeMetricUsage } from "./write-metric-usage.ts";

const UNNAMED =
  'a rule, dashboard or query selects series without naming a metric, such as {job="x"} or {__name__=~".+"}: ' +
  "what it reads does not count as used";

const STEP = 60_000;
const NOW = START + 60 * STEP;
const DAY = 86_400_000;

let written: WrittenTsdb;
const folder = temporaryFolder();
const opened: TestLane[] = [];

beforeAll(async () => {
  writeFileSync(
    join(folder, "d.json"),
    JSON.stringify({ panels: [{ targets: [{ expr: "rate(of_dashboard[5m])" }] }] }),
  );
  written = await writtenTsdb(STEP, [
    `of_dashboard{job="a"} 0+1x60`,
    `of_query{job="a"} 0+1x60`,
    `of_rule{job="a"} 0+1x60`,
    `of_template{job="a"} 0+1x60`,
    `unused{job="a",i="1"} 0+1x60`,
    `unused{job="a",i="2"} 0+1x60`,
    `unused{job="b"} 0+1x60`,
    `job:recorded:sum{job="a"} 0+1x60`,
    `pushed{job="elsewhere"} 0+1x60`,
    `up{job="a"} 0+1x60`,
    `long_gone{job="a"} 0+1x5`,
  ]);
});

afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.end()));
  await written[Symbol.asyncDispose]();
});

const listing = (changes: Partial<MetricUsageListing> = {}): MetricUsageListing => ({
  kind: "metric usage",
  match: [],
  start: NOW - 10 * STEP + 1,
  end: NOW,
  used: ["=of_query"],
  rules: {
    expressions: ["sum(of_rule)", "sum({job='a'})", "broken("],
    templates: ['{{ query "of_template" }}'],
    recorded: ["job:recorded:sum"],
  },
  dashboards: [folder],
  jobs: ["b", "a"],
  recordedSince: NOW - 40 * DAY,
  usedSince: NOW - 30 * DAY,
  limit: 0,
  ...changes,
});

async function answered(answer: StreamedResponse) {
  const text = Buffer.concat([answer.first, answer.end("}")]).toString();
  answer.release();
  return { data: (JSON.parse(text) as { data: Record<string, unknown> }).data, warnings: answer.warnings };
}

const DROP_RULES = `scrape_configs:
  - job_name: 'b'
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: 'unused'
        action: drop
  - job_name: 'a'
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: 'unused'
        action: drop
`;

test.each([1, 0])(
  "unused metrics are listed with their share and the rules that drop them, with %d threads",
  async (threads) => {
    const lane = openTestLane(written, { threads });
    opened.push(lane);
    const { data, warnings } = await answered(await lane.list({ listing: listing() }));
    const share = { seriesShare: 0.1, samplesShare: 0.1 };
    const one = { series: 1, samples: 10, ...share, recorded: false };
    expect(data).toEqual({
      days: 30,
      recordedSince: new Date(NOW - 40 * DAY).toISOString(),
      window: { start: (NOW - 10 * STEP + 1) / 1000, end: NOW / 1000 },
      sources: { queries: 1, rules: 3, dashboards: 1 },
      stored: { metrics: 8, series: 10, samples: 100 },
      unused: { metrics: 3, series: 5, samples: 50, seriesShare: 0.5, samplesShare: 0.5 },
      metrics: [
        { ...one, metric: "unused", job: "a", series: 2, samples: 20, seriesShare: 0.2, samplesShare: 0.2 },
        { ...one, metric: "job:recorded:sum", job: "a", recorded: true },
        { ...one, metric: "pushed", job: "elsewhere" },
        { ...one, metric: "unused", job: "b" },
      ],
      dropRules: DROP_RULES,
    });
    expect(warnings).toEqual([UNNAMED]);
  },
);

test("queries that match every name mark no metric as used, and the answer mentions such queries", async () => {
  const lane = openTestLane(written, { threads: 0 });
  opened.push(lane);
  const rules = { expressions: [], templates: [], recorded: [] };
  for (const used of [["*"], ['~{__name__=~".+"}'], ['~{__name__!~"x|y"}'], ['~{__name__=~".*",__name__!="x"}']]) {
    const { data, warnings } = await answered(await lane.list({ listing: listing({ used, rules, dashboards: [] }) }));
    expect([data["unused"], warnings]).toMatchObject([{ metrics: 7 }, [UNNAMED]]);
  }
});

test("missing information causes a warning, and at most the requested number of metrics is listed", async () => {
  const lane = openTestLane(written, { threads: 0 });
  opened.push(lane);
  const asked = listing({ limit: 1, recordedSince: NOW - DAY, dashboards: [join(folder, "missing")] });
  const { data, warnings } = await answered(await lane.list({ listing: asked }));
  expect(data["metrics"]).toMatchObject([{ metric: "unused", job: "a" }]);
  expect(data["dropRules"]).toBe("");
  expect(data["unused"]).toMatchObject({ metrics: 4 });
  expect(warnings).toEqual([
    `queries were recorded since ${new Date(NOW - DAY).toISOString()} only: metrics that were used before may be told as unused`,
    expect.stringContaining("missing: ENOENT"),
    UNNAMED,
  ]);
});

test("the listing reads storages without numbered labels, lets other jobs run, and ends at its memory limit or when its client disconnects", async () => {
  const storage = new MemoryStorage();
  for (let i = 0; i < 2000; i++)
    await storage.load(Labels.of({ __name__: `m${i % 2}`, job: "a", i: String(i) }), [NOW], [1]);
  const client = new AbortController();
  let turns = 0;
  const context = {
    signal: client.signal,
    timeoutMs: 60_000,
    charge: MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 }).charge("queries"),
    gzip: false,
    pieceMemory: new PieceMemory(),
    began: () => {},
    yieldTurn: () => {
      turns++;
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
  let now = 0;
  const clock = { ...systemClock, monotonic: () => now++ };
  const asked = listing({ dashboards: [], used: ["=m0"], jobs: ["a"] });
  const { pieces } = await writeMetricUsage(asked, storage, context, clock, {});
  const [piece] = pieces as { bytes: Uint8Array }[];
  expect(JSON.parse(`${Buffer.from(piece!.bytes).toString()}}`)).toMatchObject({
    data: { metrics: [{ metric: "m1", job: "a", series: 1000, samples: 1000 }] },
  });
  expect(turns).toBeGreaterThan(5);
  const small = MemoryAccount.open({ limitBytes: 64 * 1024, reservedBytes: 0 }).charge("queries");
  await expect(writeMetricUsage(asked, storage, { ...context, charge: small }, clock, {})).rejects.toThrow(
    "--query.max-memory",
  );
  client.abort();
  await expect(writeMetricUsage(asked, storage, context, clock, {})).rejects.toThrow("query was canceled");
});
