import { QueryError } from "@narthex/promql";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SchedulerOptions } from "./query-scheduler.ts";
import { openTestLane, TEST_LIMITS, type TestLane } from "../testing/test-lane.ts";
import { START, type WrittenTsdb, writtenTsdb } from "../testing/written-tsdb.ts";

const STEP = 60_000;
const MINUTES = 400;
/** A query that takes minutes. */
const LONG = { text: "max_over_time(sum(rate(m[1h]))[6h:7ms])", time: START + 370 * STEP };
const LIMITS = { ...TEST_LIMITS, maxSamples: 1e9, maxBytes: Infinity };
const REQUEST = { httpRequest: { clientIP: "10.0.0.1", method: "GET", path: "/api/v1/query" } };

let written: WrittenTsdb;
const opened: TestLane[] = [];

beforeAll(async () => {
  written = await writtenTsdb(
    STEP,
    Array.from({ length: 40 }, (_, i) => `m{instance="${i}"} ${i}+${i + 1}x${MINUTES}`),
  );
});

afterAll(async () => {
  await Promise.all(opened.map((lane) => lane.end()));
  await written[Symbol.asyncDispose]();
});

function openLane(changes: Partial<SchedulerOptions>): TestLane {
  const lane = openTestLane(written, { limits: LIMITS, ...changes });
  opened.push(lane);
  return lane;
}

const errorOf = (error: unknown): string =>
  error instanceof QueryError ? `${error.kind}: ${error.message}` : String(error);

test.each([
  { threads: 1, thread: "queries 1" },
  { threads: 0, thread: "main" },
])("jobs are listed with their progress, and cancelling one ends only that one: $thread", async (setting) => {
  const lane = openLane({ threads: setting.threads, maxConcurrency: 1 });
  const { jobs } = lane.scheduler;
  const running = lane.evaluate({ ...LONG, origin: REQUEST, principal: "ada" }).catch(errorOf);
  const waiting = lane
    .evaluate({
      text: "m",
      start: START,
      end: START + STEP,
      step: STEP,
      origin: { ruleGroup: { file: "f", name: "g" } },
    })
    .catch(errorOf);
  const ranges = lane.evaluate({ text: "m", start: START, end: START + STEP, step: STEP });
  await vi.waitUntil(() => (jobs.list()[0]?.samples ?? 0) > 0);
  const [first, second, third] = jobs.list();
  expect(first).toEqual({
    id: expect.any(Number),
    kind: "query",
    lane: "queries",
    text: LONG.text,
    state: "running",
    thread: setting.thread,
    startedAt: expect.any(Number),
    samples: expect.any(Number),
    bytes: expect.any(Number),
    origin: REQUEST,
    principal: "ada",
  });
  expect(first!.bytes).toBeGreaterThan(0);
  const idle = { state: "waiting", thread: undefined, samples: 0, bytes: 0 };
  expect(second).toMatchObject({ kind: "rule", ...idle });
  expect(third).toMatchObject({ kind: "query_range", ...idle });
  expect(jobs.cancel(second!.id)).toBe(true);
  expect(await waiting).toBe("canceled: query was canceled in query queue");
  expect(jobs.cancel(first!.id)).toBe(true);
  expect(await running).toBe("canceled: query was canceled in expression evaluation");
  expect((await ranges).series).toHaveLength(40);
  expect(jobs.list()).toEqual([]);
  expect(jobs.cancel(first!.id)).toBe(false);
});

test.each([1, 0])(
  "an answer is listed while it is being read, and ends when it is cancelled, with %d threads",
  async (threads) => {
    const lane = openLane({ threads });
    const { jobs } = lane.scheduler;
    const range = { start: START, end: START + MINUTES * STEP, step: 50 };
    const answer = await lane.answer({ text: "{instance=~'.'}", ...range }, false);
    expect(jobs.list()).toMatchObject([{ state: "answering", text: "{instance=~'.'}" }]);
    expect(lane.listActive()).toEqual([]);
    jobs.cancel(jobs.list()[0]!.id);
    const taken = (async () => {
      for await (const _ of answer.rest!);
    })();
    await expect(taken).rejects.toThrow("query was canceled in query execution");
    answer.release();
    expect(jobs.list()).toEqual([]);
  },
);

test("listings are listed as jobs, too", async () => {
  const lane = openLane({ threads: 0 });
  const listing = { kind: "label values", name: "instance", match: ["m"], start: 0, end: START, limit: 0 } as const;
  const asked = [lane.list({ listing, origin: REQUEST }), lane.list({ listing })];
  expect(lane.scheduler.jobs.list()).toMatchObject([
    { lane: "listings", kind: "label values", text: "m", origin: REQUEST },
    { lane: "listings", kind: "label values", text: "m", origin: undefined },
  ]);
  for (const one of asked) (await one).release();
  expect(lane.scheduler.jobs.list()).toEqual([]);
});

test("a job whose client disconnects before its turn is rejected, and releases everything", async () => {
  const lane = openLane({ threads: 0 });
  const gone = lane.evaluate({ text: "m", time: START, signal: AbortSignal.abort() }).catch(errorOf);
  expect(await gone).toBe("canceled: query was canceled in query queue");
  expect(lane.scheduler.jobs.list()).toEqual([]);
});
