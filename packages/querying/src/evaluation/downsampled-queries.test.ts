import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher, wordsOf, writeStale } from "@narthex/model";
import { createEngine, forEachSample, type QueryResult } from "@narthex/promql";
import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { diskFiles, openTsdb, type Tsdb, type TsdbOptions } from "@narthex/tsdb";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Time of the first sample in ms, which is a multiple of all block lengths. */
const START = 24 * HOUR * 20_000;
const HOURS = 36;

async function open(options: Partial<TsdbOptions>, dir = temporaryFolder()) {
  const all = { clock: new ManualClock(), logger: memoryLogger(), lockFile: false, files: { ...diskFiles } };
  const db = await openTsdb(dir, { ...all, maxBlockDurationMs: 2 * HOUR, ...options });
  onTestFinished(() => db.close());
  return { db, dir };
}

interface Sample {
  readonly time: number;
  /** Value of the sample; undefined for a stale marker. */
  readonly value: number | undefined;
}

/**
 * Makes a random series: a counter with resets or a gauge, with NaN values and with gaps (with and without stale
 * markers). Sample times are on and between the borders of downsampling periods.
 */
function drawSeries(random: () => number, kind: number): Sample[] {
  const samples: Sample[] = [];
  const interval = kind % 3 === 0 ? MINUTE : 45_000 + Math.floor(random() * 60_000);
  const offset = kind % 3 === 0 ? 0 : Math.floor(random() * interval);
  let [value, skip] = [0, 0];
  for (let time = START + offset; time < START + HOURS * HOUR; time += interval) {
    if (skip > 0) {
      skip--;
      continue;
    }
    const draw = random();
    if (kind % 2 === 0) value = draw < 0.01 ? Math.floor(random() * 8) : value + Math.floor(random() * 64) / 4;
    else value = draw < 0.01 ? NaN : Math.floor(random() * 4000 - 2000) / 8;
    samples.push({ time: kind % 3 === 1 ? time + Math.floor(random() * 9) : time, value });
    if (random() > 0.985) {
      skip = Math.floor(random() * random() * 240);
      if (random() < 0.5) samples.push({ time: time + 20, value: undefined });
    }
  }
  return samples;
}

const nameOf = (kind: number): string => (kind % 2 === 0 ? "requests_total" : "load");

async function fill(db: Tsdb, all: readonly (readonly Sample[])[]): Promise<void> {
  for (let from = START; from < START + HOURS * HOUR; from += 2 * HOUR) {
    const app = db.appendable.appender();
    for (const [kind, samples] of all.entries()) {
      const ref = app.series(
        Labels.of({ __name__: nameOf(kind), job: kind % 4 < 2 ? "node" : "app", kind: `${kind}` }),
      );
      const due = samples.filter(({ time }) => time >= from && time < from + 2 * HOUR);
      const batch = createSampleBatch(due.length);
      const words = wordsOf(batch.values);
      for (const { time, value } of due) {
        batch.refs[batch.count] = ref;
        batch.timestamps[batch.count] = time;
        if (value === undefined) writeStale(words, batch.count++);
        else batch.values[batch.count++] = value;
      }
      app.append(batch);
    }
    await app.commit();
    await db.maintain();
  }
}

const RULES = [
  { matchers: [new Matcher("=", "job", "node")], levels: [300_000, 3_600_000].map(forEver) },
  { matchers: [], levels: [3_600_000].map(forEver) },
] as const;

function forEver(resolutionMs: number) {
  return { resolutionMs, retentionMs: 0 };
}

/**
 * Opens two databases with the same series. The first has all samples. The second has only the samples of the last
 * hours, and downsampled data for the time before.
 */
async function bothOf(seed: number): Promise<{ raw: Tsdb; sparse: Tsdb; dir: string }> {
  const random = seededRandom(seed);
  const all = Array.from({ length: 12 }, (_, kind) => drawSeries(random, kind));
  const { db: raw } = await open({ retentionMs: 0 });
  const { db: sparse, dir } = await open({ retentionMs: 12 * HOUR, downsampling: RULES });
  await fill(raw, all);
  await fill(sparse, all);
  return { raw, sparse, dir };
}

const engine = createEngine({ clock: new ManualClock() });

function shown({ series }: QueryResult): Map<string, Map<number, number>> {
  return new Map(
    series.map(({ labels, times, column }) => {
      const samples = new Map<number, number>();
      forEachSample({ times, column, labels }, (time, value) => void samples.set(time, value));
      return [labels.toString(), samples];
    }),
  );
}

function expectAlike(text: string, found: QueryResult, expected: QueryResult): void {
  const [a, b] = [shown(found), shown(expected)];
  expect([text, [...a.keys()].sort()]).toEqual([text, [...b.keys()].sort()]);
  for (const [labels, samples] of b) {
    const others = a.get(labels)!;
    expect([text, labels, [...others.keys()]]).toEqual([text, labels, [...samples.keys()]]);
    for (const [time, value] of samples) {
      const other = others.get(time)!;
      // Allows a small difference, because adding the sums of periods has other rounding errors than adding all
      // samples.
      const isNear = Object.is(other, value) || Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value));
      if (!isNear) expect([text, labels, time, other]).toEqual([text, labels, time, value]);
    }
  }
}

const EXACT = [
  "min_over_time",
  "max_over_time",
  "sum_over_time",
  "count_over_time",
  "avg_over_time",
  "first_over_time",
  "last_over_time",
  "present_over_time",
  "absent_over_time",
  "delta",
];

test("windows that are multiples of the resolution have the same results from aggregates as from all samples", async () => {
  const onSeed = async (seed: number): Promise<void> => {
    const { raw, sparse, dir } = await bothOf(seed);
    expect(sparse.minTime).toBeGreaterThan(START + 8 * HOUR);
    expect(readdirSync(join(dir, "downsampled")).length).toBeGreaterThan(6);
    const compare = async (text: string, step: number, from = START + 2 * HOUR): Promise<QueryResult> => {
      const time = { text, start: from, end: START + (HOURS - 1) * HOUR, step };
      const found = await engine.query({ ...time, queryable: sparse.queryable });
      expectAlike(`${text} ${step}`, found, await engine.query({ ...time, queryable: raw.queryable }));
      return found;
    };
    for (const func of EXACT) {
      await compare(`${func}({job="node"}[10m])`, 5 * MINUTE);
      await compare(`${func}({job="app"}[2h])`, HOUR);
    }
    for (const func of ["rate", "increase"]) {
      await compare(`${func}(requests_total{job="node"}[5m])`, 5 * MINUTE);
      await compare(`${func}(requests_total[1h])`, HOUR);
      await compare(`sum by (job) (${func}(requests_total[2h]))`, HOUR);
    }
    await compare(`{job="node"}`, 5 * MINUTE);
    const { infos } = await compare(`load`, HOUR);
    const info = infos.join();
    expect(info).toMatch(/^samples before .*Z are downsampled to 1h$/);
    const early = await engine.query({ text: "load", time: START + 3 * HOUR, queryable: sparse.queryable });
    expect([early.infos.join(), Math.abs(Date.parse(info.split(" ")[2]!) - sparse.minTime) < 5 * MINUTE]).toEqual([
      expect.stringContaining(info.split(" ")[2]!),
      true,
    ]);
    await compare(`max_over_time(load[1h]) - min_over_time(load[1h])`, HOUR);
    await compare(`max_over_time(sum_over_time(load[1h])[6h:1h])`, HOUR, START + 8 * HOUR);
  };
  await fc.assert(fc.asyncProperty(fc.integer(), onSeed), { numRuns: 1, endOnFailure: true });
});

test("a range that ends within a window, or is not a multiple of it, is extended to whole windows; an instant selector reads the previous window", async () => {
  const { raw, sparse } = await bothOf(7);
  const [start, end] = [START + 2 * HOUR, START + 20 * HOUR];
  const late = 7 * MINUTE;
  for (const [asked, same] of [
    ['sum_over_time({job="app"}[1h])', 'sum_over_time({job="app"}[1h])'],
    ['rate(requests_total{job="app"}[2h])', 'rate(requests_total{job="app"}[2h])'],
    ['max_over_time({job="app"}[1h30m])', 'max_over_time({job="app"}[2h])'],
    ['last_over_time({job="app"}[1h])', 'last_over_time({job="app"}[1h])'],
  ] as const) {
    const found = await engine.query({
      text: asked,
      start: start + late,
      end: end + late,
      step: HOUR,
      queryable: sparse.queryable,
    });
    const series = found.series.map(({ labels, column, times }) => ({
      labels,
      column,
      times: times.map((time) => time - late),
    }));
    const expected = await engine.query({ text: same, start, end, step: HOUR, queryable: raw.queryable });
    expectAlike(asked, { ...found, series }, expected);
  }
  const moment = { text: 'requests_total{kind="10"}', time: start + 40 * MINUTE };
  const seen = shown(await engine.query({ ...moment, queryable: sparse.queryable }));
  const atEnd = shown(await engine.query({ ...moment, time: start, queryable: raw.queryable }));
  expect([...seen.values()].map((samples) => [...samples.values()])).toEqual(
    [...atEnd.values()].map((samples) => [...samples.values()]),
  );
});

test("a range that is shorter than an aggregate's window reads that window at any time of the next one", async () => {
  const { raw, sparse } = await bothOf(11);
  const moved = async (of: (range: string) => string, range: string, time: number, late: number): Promise<void> => {
    const expected = await engine.query({ text: of("1h"), time, queryable: raw.queryable });
    const found = await engine.query({ text: of(range), time: time + late, queryable: sparse.queryable });
    const series = found.series.map(({ labels, column, times }) => ({
      labels,
      column,
      times: times.map((at) => at - late),
    }));
    expectAlike(`${of(range)} ${late}`, { ...found, series }, expected);
  };
  for (let start = START + 2 * HOUR; start < START + 14 * HOUR; start += HOUR) {
    for (const [range, late] of [
      ["5m", 2 * MINUTE],
      ["5m", 30 * MINUTE],
      ["5m", 59 * MINUTE],
      ["10s", HOUR - 10],
    ] as const) {
      for (const func of ["count_over_time", "present_over_time"])
        await moved((length) => `${func}({job="app"}[${length}])`, range, start, late);
      for (const kind of [2, 3, 6])
        await moved((length) => `absent_over_time({kind="${kind}"}[${length}])`, range, start, late);
    }
  }
});

test("statistics count the rows that windows read, each once per step", async () => {
  const { sparse } = await bothOf(11);
  // Before this time, the database has only downsampled data.
  expect(sparse.minTime).toBeGreaterThan(START + 7 * HOUR);
  const [start, end] = [START + 1.5 * HOUR, START + 7.5 * HOUR];
  const range = { text: 'count_over_time({job="app"}[5m])', start, end, step: HOUR, queryable: sparse.queryable };
  const result = await engine.query({ ...range, samplesOf: "steps" });
  const { stats } = result;
  const found = new Map<number, number>();
  for (const samples of shown(result).values())
    for (const time of samples.keys()) found.set(time / 1000, (found.get(time / 1000) ?? 0) + 1);
  expect(found.size).toBe(7);
  expect(new Map(stats.samples.totalQueryableSamplesPerStep)).toEqual(found);
  expect(new Map(stats.samples.samplesReadPerStep)).toEqual(found);
  const plain = await engine.query(range);
  expect(stats.samples.totalQueryableSamples).toBe(plain.stats.samples.totalQueryableSamples);
});
