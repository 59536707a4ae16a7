import { gunzipSync } from "node:zlib";
import { Matcher } from "@narthex/model";
import { EncodedChunks } from "@narthex/storage";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { StreamedResponse } from "../scheduler/query-lane.ts";
import type { SchedulerOptions } from "../scheduler/query-scheduler.ts";
import { openTestLane, TEST_LIMITS, type TestLane } from "../testing/test-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../testing/written-tsdb.ts";

const STEP = 60_000;
const LIMITS = { ...TEST_LIMITS, maxSamples: 1e9, maxBytes: Infinity };

let written: WrittenTsdb;
const opened: TestLane[] = [];

beforeAll(async () => {
  written = await writtenTsdb(STEP, [`m{instance="a"} 0+1x400`, `m{instance="b"} 5+2x400`]);
});

afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.end()));
  await written[Symbol.asyncDispose]();
});

function openLane(threads: number, changes: Partial<SchedulerOptions> = {}): TestLane {
  const lane = openTestLane(written, { threads, limits: LIMITS, ...changes });
  opened.push(lane);
  return lane;
}

function dataOf({ first, rest, gzip, end }: StreamedResponse): unknown {
  expect(rest).toBeUndefined();
  const whole = Buffer.concat([first, end("}")]);
  return (JSON.parse((gzip ? gunzipSync(whole) : whole).toString()) as { data: unknown }).data;
}

/** An instant query whose response is compressed. */
const SUM = { text: "sum(rate(m[10m]))", time: START + 300 * STEP, gzip: true };

test.each([
  [1, "queries 1"],
  [0, "main"],
])("a lane with %d threads explains how a query is evaluated, with its costs", async (threads, thread) => {
  const lane = openLane(threads);
  const analysis = await lane.explain(SUM, true);
  const measured = (series: number, samples: number, samplesRead: number): unknown => {
    const time = expect.any(Number);
    const threads = [{ thread, workTime: time, otherJobsTime: time }];
    const bytesRead = samplesRead === 0 ? 0 : expect.any(Number);
    return { series, samples, samplesRead, bytesRead, selfTime: time, totalTime: time, threads };
  };
  const range = { start: (SUM.time - 600_000 + 1) / 1000, end: SUM.time / 1000 };
  const selections = [{ matchers: ['__name__="m"'], ...range, series: 2 }];
  const notes = ["hint for the storage: rate() over 10m"];
  const part = { type: "vector", steps: 1, notes: [], selections: [] };
  const selector = { ...part, operator: "range selector", expression: "m[10m]", type: "matrix", notes, selections };
  const rate = {
    ...part,
    operator: "function rate",
    expression: "rate(m[10m])",
    measured: measured(2, 2, 0),
    inputs: [{ ...selector, measured: measured(2, 20, 20), inputs: [] }],
  };
  expect(dataOf(analysis)).toEqual({
    query: SUM.text,
    analyzed: true,
    thread,
    resultType: "vector",
    series: 1,
    stats: { timings: expect.anything(), samples: expect.objectContaining({ samplesRead: 20 }) },
    plan: { ...part, operator: "aggregation sum", expression: SUM.text, measured: measured(1, 1, 0), inputs: [rate] },
  });
  const plan = dataOf(await lane.explain(SUM, false));
  expect(plan).toMatchObject({ query: SUM.text, analyzed: false, plan: { operator: "aggregation sum" } });
  expect(Object.keys(plan as object)).toEqual(["query", "analyzed", "plan"]);
  const empty = dataOf(await lane.explain({ text: 'sum(m{instance="c"})', time: SUM.time }, true));
  expect(empty).toMatchObject({
    series: 0,
    reason: expect.stringContaining('instance="c" removes the last series'),
    reasonIn: 'm{instance="c"}',
  });
  await expect(lane.explain({ text: "sum(", time: 0 }, true)).rejects.toThrow("parse error");
});

/** Returns the size in bytes of all chunks of the series m, and the size of the chunks in blocks on disk. */
async function storedBytes(): Promise<{ readonly all: number; readonly inBlocks: number }> {
  const { queryable } = written.db;
  const chunks = new EncodedChunks();
  const querier = queryable.querier(0, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: 0, end: Infinity });
  const bytesTo = (end: number): number =>
    set.labels.reduce((sum, _, i) => {
      expect(set.readChunks!(i, 0, end, chunks)).toBe(true);
      for (let chunk = 0; chunk < chunks.count; chunk++) sum += chunks.end[chunk]! - chunks.start[chunk]!;
      return sum;
    }, 0);
  const inBlocks = bytesTo(Math.max(...written.db.blocks().map(({ maxTime }) => maxTime)) - 1);
  const all = bytesTo(Infinity);
  querier.close();
  return { all, inBlocks };
}

interface MeasuredPart {
  readonly operator: string;
  readonly measured: { readonly bytesRead: number; readonly selfTime: number };
  readonly inputs: readonly MeasuredPart[];
}

const partsOf = (part: MeasuredPart): readonly MeasuredPart[] => [part, ...part.inputs.flatMap(partsOf)];

test.each([1, 0])(
  "with %d threads, the bytes that a part reads are the chunk bytes of head and blocks",
  async (threads) => {
    const stored = await storedBytes();
    expect(stored.inBlocks).toBeGreaterThan(100);
    expect(stored.all).toBeGreaterThan(stored.inBlocks);
    const lane = openLane(threads);
    const time = START + 400 * STEP;
    const data = dataOf(await lane.explain({ text: "sum(count_over_time(m[401m]))", time }, true));
    const { plan } = data as { plan: MeasuredPart };
    expect(partsOf(plan).map(({ operator, measured }) => [operator, measured.bytesRead])).toEqual([
      ["aggregation sum", 0],
      ["function count_over_time", 0],
      ["range selector", stored.all],
    ]);
  },
);

test("an analysis is a job: it is listed and can be cancelled", async () => {
  const memory = { limitBytes: 1500 * 2 ** 20, reservedBytes: 0 };
  const lane = openLane(1, { limits: { ...LIMITS, maxSamples: 1e9, maxBytes: Infinity }, memory });
  const { jobs } = lane.scheduler;
  const long = lane.explain({ text: "max_over_time(sum(rate(m[1h]))[6h:7ms])", time: START + 370 * STEP }, true);
  const ended = expect(long).rejects.toThrow("query was canceled in expression evaluation");
  await vi.waitUntil(() => (jobs.list()[0]?.samples ?? 0) > 0);
  expect(jobs.list()).toMatchObject([{ kind: "explain", state: "running" }]);
  jobs.cancel(jobs.list()[0]!.id);
  await ended;
  expect(jobs.list()).toEqual([]);
});
