import { gunzipSync } from "node:zlib";
import type { QueryError, QueryTime } from "@narthex/promql";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SchedulerOptions } from "./query-scheduler.ts";
import type { JsonResponse, QueryLane, QueryRequest } from "./query-lane.ts";
import { openTestLane, shareOf, TEST_LIMITS, type TestLane } from "../testing/test-lane.ts";
import { stuckQuery } from "../testing/stuck-query.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../testing/written-tsdb.ts";

const STEP = 60_000;
const MINUTES = 400;
const MIB = 1024 * 1024;

const FRAGILE = new URL("../testing/fragile-worker.ts", import.meta.url);

let written: WrittenTsdb;
const opened: TestLane[] = [];

beforeAll(async () => {
  written = await writtenTsdb(STEP, [
    ...Array.from({ length: 40 }, (_, i) => `requests_total{job="web",instance="${i}"} ${i}+${i + 1}x${MINUTES}`),
    `temperature{room="a"} 20 _x10 21 22x50 stale 3 NaN Inf`,
    `temperature{room="ü"} -1+0.5x${MINUTES}`,
    `sizes {{schema:1 sum:4 count:4 buckets:[1 2 1]}}x${MINUTES}`,
    `latency_bucket{le="1"} 0+1x${MINUTES}`,
    `latency_bucket{le="+Inf"} 0+2x${MINUTES}`,
    `mixed 1 2 {{schema:0 sum:1 count:1 buckets:[1]}} 3`,
  ]);
});

afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.end()));
  await written[Symbol.asyncDispose]();
});

function openLane(changes: Partial<SchedulerOptions> = {}): TestLane {
  const lane = openTestLane(written, changes);
  opened.push(lane);
  return lane;
}

async function textOf({ first, rest, gzip, end, warnings, infos }: JsonResponse): Promise<string> {
  const pieces = [first];
  if (rest !== undefined) for await (const piece of rest) pieces.push(piece);
  const whole = Buffer.concat([...pieces, end("}")]);
  return `${(gzip ? gunzipSync(whole) : whole).toString()} ${JSON.stringify({ warnings, infos })}`;
}

const errorOf = ({ kind, message }: QueryError): string => `${kind}: ${message}`;

/** Returns the whole response to a query, except durations. */
async function said(lane: QueryLane, order: QueryRequest): Promise<unknown> {
  const json = await lane.answer(order, false).then(textOf, errorOf);
  const columns = await lane.evaluate(order).then(({ stats, series, ...result }) => {
    // Adds missing slots, because the list of histograms may end after the last histogram.
    const whole = series.map(({ labels, times, column: { values, present, histograms } }) => {
      const slots = histograms && Array.from(present, (_, i) => histograms[i]);
      return { labels: String(labels), times, values, present, slots };
    });
    return { ...result, whole, samples: stats.samples };
  }, errorOf);
  return { json, columns };
}

const QUERIES = [
  `requests_total`,
  `sum(rate(requests_total[5m]))`,
  `topk(3, requests_total)`,
  `sort_desc(requests_total{instance=~"1.*"})`,
  `temperature`,
  `temperature[10m]`,
  `sizes`,
  `rate(sizes[5m])`,
  `histogram_quantile(0.9, rate(latency_bucket[5m]))`,
  `histogram_quantile(0.9, sizes)`,
  `mixed`,
  `mixed[5h]`,
  `sum(mixed)`,
  `max_over_time(sum(requests_total)[30m:])`,
  `"a string with <angle> & \\u2028"`,
  `1 / 0`,
  `time()`,
  `absent(nothing)`,
  `nothing`,
  `rate(temperature[5m])`,
  `requests_total + on(job) temperature`,
  `requests_total * on(instance) group_left requests_total{job="web"}`,
  `{__name__=~"requests_total|temperature"} > bool 3`,
  `label_replace(requests_total, "instance", "same", "", "")`,
  `rate(requests_total)`,
  `sum(`,
  `predict_linear(temperature[1h], 3600)`,
  `requests_total[5m]`,
];

const TIMES: readonly QueryTime[] = [
  { time: START + 3 * STEP },
  { time: START + 350 * STEP },
  { start: START, end: START + MINUTES * STEP, step: 7 * STEP },
  { start: START + 10 * STEP, end: START + 10 * STEP, step: STEP },
  { start: START + 10, end: START, step: STEP },
];

test("threads give the same answers as the main thread: values, histograms, strings, errors, annotations, counts", async () => {
  const threads = openLane();
  const inPlace = openLane({ threads: 0 });
  for (const text of QUERIES) {
    for (const time of TIMES) {
      const order = { ...time, text };
      const [here, there] = await Promise.all([said(inPlace, order), said(threads, order)]);
      expect(there, `${text} at ${JSON.stringify(time)}`).toEqual(here);
    }
  }
});

/** A query that runs for minutes and reads few samples. */
const LONG = "max_over_time(sum(rate(requests_total[1h]))[6h:7ms])";
const QUICK = { text: "1", time: START };

/** Limits with which the query LONG is allowed. */
const UNLIMITED = {
  limits: { ...TEST_LIMITS, maxSamples: 1e9, maxBytes: Infinity },
  memory: { limitBytes: 1500 * MIB, reservedBytes: 50 * MIB },
};

test("short queries run during a long one, which ends soon after its client disconnects", async () => {
  const lane = openLane({ threads: 1, ...UNLIMITED });
  const client = new AbortController();
  const long = lane.evaluate({ text: LONG, time: START + 370 * STEP, signal: client.signal }).catch(errorOf);
  await lane.evaluate(QUICK);
  expect(lane.listActive()).toEqual([{ text: LONG, state: "running", startedAt: expect.any(Number) }]);
  client.abort();
  expect(await long).toBe("canceled: query was canceled in expression evaluation");
  expect(lane.listActive()).toEqual([]);
});

test("a query ends at its timeout, whether it runs on a thread or waits in the queue", async () => {
  const lane = openLane({
    threads: 1,
    maxConcurrency: 1,
    ...UNLIMITED,
  });
  await lane.evaluate(QUICK);
  const order = { text: LONG, time: START + 370 * STEP };
  const running = lane.evaluate({ ...order, timeoutMs: 1200 }).catch(errorOf);
  const waiting = lane.evaluate({ ...QUICK, timeoutMs: 600 }).catch(errorOf);
  await vi.waitUntil(() => lane.listActive()[0]?.state === "running");
  expect(lane.listActive().map(({ state }) => state)).toEqual(["running", "waiting"]);
  const gone = lane.evaluate({ ...QUICK, signal: AbortSignal.abort() }).catch(errorOf);
  expect(await waiting).toBe("timeout: query timed out in query queue");
  expect(await gone).toBe("canceled: query was canceled in query queue");
  expect(await running).toBe("timeout: query timed out in expression evaluation");
  await lane.evaluate(QUICK);
});

test("a query that needs too much memory fails with Prometheus' error, or with an error that names the flag", async () => {
  const few = openLane({ limits: { ...TEST_LIMITS, maxSamples: 100 } });
  const range = { start: START, end: START + MINUTES * STEP, step: STEP };
  expect(await few.answer({ ...range, text: "requests_total" }, false).catch(errorOf)).toBe(
    "too-many-samples: query processing would load too many samples into memory in query execution",
  );
  const small = openLane({ limits: { ...TEST_LIMITS, maxBytes: MIB / 10 } });
  expect(await small.answer({ ...range, text: "requests_total" }, false).catch(errorOf)).toMatch(
    /^too-many-samples: query processing would hold more than .*; raise --query.max-bytes or/,
  );
});

test("if a thread dies because of a query, only that query fails; the death is logged once and the thread is replaced", async () => {
  const logger = memoryLogger();
  const lane = openLane({ threads: 1, logger, entry: FRAGILE, heapBytes: MIB });
  await lane.evaluate(QUICK);
  const full = lane.evaluate({ ...QUICK, text: `"fill"` }).catch(errorOf);
  const other = lane.evaluate({ ...QUICK, text: "count(requests_total)" });
  const reason = "query needed more than 128 MiB of memory (--query.max-bytes)";
  expect(await full).toBe(`execution: ${reason}`);
  // Expects the result of the other query. That query had not started, so it runs on another thread.
  expect((await other).series).toHaveLength(1);
  expect(await lane.evaluate({ ...QUICK, text: `"crash"` }).catch(errorOf)).toBe(
    "execution: the thread of the query stopped: out of luck",
  );
  expect((await lane.evaluate(QUICK)).series).toHaveLength(1);
  const logLines = logger.lines.filter(({ message }) => message === "a query thread died");
  expect(logLines.map(({ fields }) => fields["err"])).toEqual([reason, "the thread of the query stopped: out of luck"]);
});

test("a query that does not end in time ends together with its thread", async () => {
  const clock = new ManualClock();
  const lane = openLane({ threads: 1, clock, entry: FRAGILE, timeoutMs: 1000 });
  await lane.evaluate(QUICK);
  const isStuck = stuckQuery();
  const late = lane.evaluate({ ...QUICK, text: `"stick"` }).catch(errorOf);
  await isStuck;
  await clock.advance(60_000);
  expect(await late).toBe("timeout: query timed out in expression evaluation");
  expect((await lane.evaluate(QUICK)).series).toHaveLength(1);
});

test("if a query hangs, only it fails; other queries of its thread, and later ones, run on another thread", async () => {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const lane = openLane({ threads: 1, clock, logger, entry: FRAGILE, timeoutMs: 60_000 });
  await lane.evaluate(QUICK);
  const isStuck = stuckQuery();
  const stuck = lane.evaluate({ ...QUICK, text: `"stick"` }).catch(errorOf);
  await isStuck;
  const order = { text: "sum(requests_total)", time: START + 9 * STEP };
  const others = [lane.evaluate(order), lane.parse("sum(up)by(job)", "formatted"), lane.answer(order, false)] as const;
  // A listing with more than 100 selectors never runs on the main thread.
  const match = Array.from({ length: 101 }, () => "sizes");
  const listed = lane.list({ listing: { kind: "series", match, start: START, end: START + STEP, limit: 0 } });
  for (let second = 0; second < 6; second++) await clock.advance(1000);
  expect((await others[0]).series).toHaveLength(1);
  expect(await others[1]).toBe('"sum by (job) (up)"');
  expect(await textOf(await others[2])).toMatch(/"resultType":"vector"/);
  expect(Buffer.from((await listed).first).toString()).toBe('{"status":"success","data":[{"__name__":"sizes"}]');
  expect((await lane.evaluate(QUICK)).series).toHaveLength(1);
  expect(logger.lines.map(({ message, fields }) => [message, fields["doneElsewhere"]])).toEqual([
    ["a query blocks its thread; the other queries of the thread moved to other threads", 4],
  ]);
  await clock.advance(90_000);
  expect(await stuck).toBe("timeout: query timed out in expression evaluation");
});

test("if parsing a text hangs, the text is rejected and its thread is ended", async () => {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const lane = openLane({ threads: 1, clock, logger, entry: FRAGILE, timeoutMs: 60_000 });
  await lane.evaluate(QUICK);
  const stuck = lane.parse(`"stick"`, "tree").catch(errorOf);
  await vi.waitUntil(async () => {
    await clock.advance(1000);
    return logger.lines.some(({ message }) => message === "a query did not stop in time, its thread was stopped");
  });
  expect(await stuck).toBe("timeout: query timed out in expression evaluation");
  expect(await lane.parse("sum(up)by(job)", "formatted")).toBe('"sum by (job) (up)"');
});

test("a text that is too long is rejected without a slot, and texts are parsed while a query holds the last slot", async () => {
  const clock = new ManualClock();
  const lane = openLane({ threads: 1, clock, entry: FRAGILE, timeoutMs: 60_000, maxConcurrency: 1 });
  await lane.evaluate(QUICK);
  const isStuck = stuckQuery();
  const stuck = lane.evaluate({ ...QUICK, text: `"stick"` }).catch(errorOf);
  await isStuck;
  const waiting = lane.parse("up", "formatted").catch(errorOf);
  const long = `up${" ".repeat(2 ** 20)}`;
  const refusal =
    /^bad-query: 1:1: parse error: expression has 1048578 characters, more than the 1048576 that are read/;
  expect(await lane.parse(long, "tree").catch(errorOf)).toMatch(refusal);
  expect(await lane.evaluate({ ...QUICK, text: long }).catch(errorOf)).toMatch(refusal);
  await clock.advance(61_000);
  expect(await waiting).toBe('"up"');
  await clock.advance(20_000);
  expect(await stuck).toMatch(/^timeout: /);
});

test("an answer's memory is counted until it has been sent, and the memory of its columns until they are written", async () => {
  const lane = openLane({ threads: 1 });
  const order = { text: "requests_total", start: START, end: START + MINUTES * STEP, step: STEP / 10 };
  const slow = await lane.answer(order, false);
  // The result has 40 series of 4001 evaluation times, which take 9 bytes each.
  expect(lane.scheduler.usedBytes).toBeGreaterThan(40 * 4001 * 9);
  let bytes = slow.first.length;
  for await (const piece of slow.rest!) bytes += piece.length;
  expect(bytes).toBeGreaterThan(3 * MIB);
  await vi.waitUntil(() => lane.scheduler.usedBytes < 2 * MIB);
  expect(lane.scheduler.usedBytes).toBeGreaterThan(0);
  slow.release();
  expect(lane.scheduler.usedBytes).toBeLessThanOrEqual(MIB / 2);
});

test("if unread answers fill the account, further queries are refused with the flag's name, but rules still run", async () => {
  const lane = openLane({ threads: 2, memory: { limitBytes: 6 * MIB, reservedBytes: 3 * MIB } });
  const order = { text: "requests_total", start: START, end: START + MINUTES * STEP, step: STEP / 10 };
  const unread = await lane.answer(order, false);
  expect(await lane.answer(order, false).catch(errorOf)).toMatch(
    /^too-many-samples: query processing would hold . MiB in memory while all queries together.* of the 6 MiB they may; raise --query.max-memory/,
  );
  expect((await lane.scheduler.lanes.rules.evaluate({ ...order, end: START })).series).toHaveLength(40);
  unread.release();
  await vi.waitUntil(() => lane.scheduler.usedBytes < MIB);
  (await lane.answer(order, false)).release();
});

test("if no thread can be started, queries run on the main thread, and one message is logged", async () => {
  const logger = memoryLogger();
  const lane = openLane({ logger, entry: new URL("../testing/stillborn-worker.ts", import.meta.url) });
  const order = { text: "sum(requests_total)", time: START + 9 * STEP };
  const expected = await said(openLane({ threads: 0 }), order);
  expect(await said(lane, order)).toEqual(expected);
  expect(logger.lines.filter(({ message }) => message.startsWith("starting a query thread"))).toHaveLength(1);
});

test("an idle thread is ended, and a new one is started for the next query", async () => {
  const clock = new ManualClock();
  const shares = vi.fn(() => shareOf(written.db));
  const lane = openLane({ threads: 3, clock, share: shares });
  await lane.evaluate(QUICK);
  await lane.evaluate(QUICK);
  expect(shares).toHaveBeenCalledTimes(1);
  await Promise.all([lane.evaluate(QUICK), lane.evaluate(QUICK)]);
  expect(shares).toHaveBeenCalledTimes(2);
  await clock.advance(3_600_000);
  await lane.evaluate(QUICK);
  expect(shares).toHaveBeenCalledTimes(3);
});

test("the pieces of a large answer are sent when they are requested, and sending ends if the reader stops early", async () => {
  const lane = openLane({ threads: 1 });
  const order = { text: "requests_total", start: START, end: START + MINUTES * STEP, step: STEP / 10 };
  const whole = await textOf(await lane.answer(order, false));
  expect(whole).toBe(await textOf(await openLane({ threads: 0 }).answer(order, false)));
  const left = await lane.answer(order, false);
  for await (const piece of left.rest!) {
    expect(piece.length).toBeGreaterThan(1000);
    break;
  }
  expect(await textOf(await lane.answer(order, false))).toBe(whole);
});

test("an answer is a gzip file if the client accepts it and the answer is not short", async () => {
  const lane = openLane({ threads: 1 });
  const large = { text: "requests_total", start: START, end: START + MINUTES * STEP, step: STEP / 10 };
  const packed = await lane.answer({ ...large, gzip: true }, false);
  expect(packed.gzip).toBe(true);
  expect(await textOf(packed)).toBe(await textOf(await lane.answer(large, false)));
  const oneStep = await lane.answer({ ...large, end: START, gzip: true }, false);
  expect(oneStep.gzip).toBe(true);
  expect(await textOf(oneStep)).toBe(await textOf(await lane.answer({ ...large, end: START }, false)));
  expect((await lane.answer({ text: "1", time: START, gzip: true }, false)).gzip).toBe(false);
});

test("closing ends running jobs and refuses later ones", async () => {
  const lane = openLane({ ...UNLIMITED });
  await lane.evaluate(QUICK);
  const order = { text: LONG, time: START + 370 * STEP };
  const running = lane.evaluate(order).catch(errorOf);
  await vi.waitUntil(() => lane.listActive()[0]?.state === "running");
  await lane.end();
  expect(await running).toBe("canceled: query was canceled: the server is shutting down");
  expect(await lane.evaluate(QUICK).catch(errorOf)).toMatch(/^canceled: /);
});
