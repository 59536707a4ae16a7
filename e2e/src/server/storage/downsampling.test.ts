import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { blocksIn } from "../../support/data-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { narthex } from "../../support/running.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { metricsOf } from "../remote/long-term-store-metrics.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURS = 40;
const START = 24 * HOUR * 18_000;
const CONFIG = `
downsampling:
  - match: '{job="fine"}'
    retention: {5m: 0s, 1h: 0s}
  - retention: {1h: 0s}
`;
const FLAGS = [
  "--web.enable-own-metrics",
  "--web.enable-lifecycle",
  "--storage.tsdb.max-block-duration=2h",
  "--storage.tsdb.block-reload-interval=1s",
];

/** Writes a folder of counters with resets, one sample per minute. */
async function write(dir: string): Promise<void> {
  const options = { clock: new ManualClock(), logger: memoryLogger(), retentionMs: 0, maxBlockDurationMs: 2 * HOUR };
  await using db = await openTsdb(dir, options);
  for (let hour = 0; hour < HOURS; hour += 2) {
    const timestamps = Array.from({ length: 120 }, (_, i) => START + hour * HOUR + i * MINUTE);
    const series = ["fine", "coarse"].map((job) => ({
      labels: Labels.of({ __name__: "requests_total", job }),
      timestamps,
      values: Float64Array.from(timestamps, (time) => ((time - START) / MINUTE) % (job === "fine" ? 137 : 700)),
      histograms: [],
    }));
    // oxlint-disable-next-line no-await-in-loop -- series are appended in order of time
    await appendSeries(db.appendable, series);
    // oxlint-disable-next-line no-await-in-loop -- each block is written before the next samples
    await db.maintain();
  }
}

interface Answer {
  readonly status: string;
  readonly data: unknown;
  readonly infos?: readonly string[];
}

async function queryRange({ base }: Served, query: string, step: number): Promise<Answer> {
  const [start, end] = [START + 2 * HOUR, START + (HOURS - 4) * HOUR].map((time) => String(time / 1000));
  const parameters = new URLSearchParams({ query, start: start!, end: end!, step: String(step / 1000) });
  return (await (await fetch(`${base}/api/v1/query_range?${parameters.toString()}`)).json()) as Answer;
}

const QUERIES = [
  ["sum by (job) (increase(requests_total[1h]))", HOUR],
  ["max_over_time(requests_total[2h])", HOUR],
  ['rate(requests_total{job="fine"}[5m])', 5 * MINUTE],
  ['requests_total{job="fine"}', 5 * MINUTE],
] as const;

test("for samples that the retention has removed, a server answers from aggregates, and reports this", async () => {
  using workplace = new Workplace();
  await write(workplace.path("data"));
  const answers: Answer[] = [];
  {
    await using server = await serve("narthex", workplace, "data", {
      config: CONFIG,
      flags: [...FLAGS, "--storage.tsdb.retention.time=0s"],
    });
    const expected = 3 * (HOURS / 2 - 3);
    await eventually("aggregates of all that is settled", async () => {
      const metrics = await metricsOf(server.base);
      expect(metrics.get("narthex_tsdb_downsampled_blocks")).toBeGreaterThanOrEqual(expected);
    });
    for (const [query, step] of QUERIES) answers.push(await queryRange(server, query, step));
    expect(answers.flatMap(({ infos = [] }) => infos)).toEqual([]);
    const reload = () => fetch(`${server.base}/-/reload`, { method: "POST" });
    const file = workplace.write("data-narthex.yml", CONFIG.replace('"fine"}', '"fine"'));
    const refused = await reload();
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining(`${file}:3:5: match`)]);
    workplace.write("data-narthex.yml", `${CONFIG}storage:\n  tsdb:\n    retention: {time: 5h}\n`);
    const short = await reload();
    expect([short.status, await short.text()]).toEqual([500, expect.stringContaining("5h is too short")]);
    workplace.write("data-narthex.yml", CONFIG);
    expect((await reload()).status).toBe(200);
  }
  const before = blocksIn(workplace.path("data")).length;
  const limits = [...FLAGS, "--storage.tsdb.retention.time=12h"];
  await using server = await serve("narthex", workplace, "data", { config: CONFIG, flags: limits });
  await eventually("retention has taken blocks", async () =>
    expect(blocksIn(workplace.path("data")).length).toBeLessThan(before / 2),
  );
  for (const [i, [query, step]] of QUERIES.entries()) {
    const { data, infos } = await queryRange(server, query, step);
    expect([query, data]).toEqual([query, answers[i]!.data]);
    const resolution = step === HOUR ? "1h" : "5m";
    expect(infos).toEqual([expect.stringMatching(new RegExp(`^samples before .* are downsampled to ${resolution}$`))]);
  }
});

test("promtool names an entry with an invalid selector", async () => {
  using workplace = new Workplace();
  const file = workplace.write("prometheus.yml", "downsampling:\n  - match: '{job=}'\n    retention: {1h: 1y}\n");
  await using running = narthex(["promtool", "check", "config", file]);
  expect((await running.ended).code).toBe(1);
  expect(running.output).toContain(`${file}:2:5: match "{job=}"`);
});
