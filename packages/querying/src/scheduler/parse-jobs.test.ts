import { DEFAULT_FEATURES } from "@narthex/promql";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { ActiveJobs } from "./active-jobs.ts";
import type { JobRunner } from "./job-runner.ts";
import { SchedulerLane } from "./scheduler-lane.ts";
import type { SchedulerOptions } from "./query-scheduler.ts";
import type { QueryLane } from "./query-lane.ts";
import { openTestLane, TEST_LIMITS } from "../testing/test-lane.ts";
import { type WrittenTsdb, writtenTsdb } from "../testing/written-tsdb.ts";

const LIMITS = { ...TEST_LIMITS, features: { ...DEFAULT_FEATURES, binopFillModifiers: true } };

/** Calls `work` with a query lane (a queue with its own limit of concurrent jobs) and a storage. */
async function withLane(changes: Partial<SchedulerOptions>, work: (lane: QueryLane) => Promise<void>): Promise<void> {
  await using written: WrittenTsdb = await writtenTsdb(60_000, ["up 1x5"]);
  const lane = openTestLane(written, { limits: LIMITS, ...changes });
  await work(lane);
  await lane.end();
}

test.each([
  ["on a thread", {}],
  ["in place", { threads: 0 }],
  ["where no thread starts", { entry: new URL("../testing/stillborn-worker.ts", import.meta.url) }],
])("a lane parses expressions %s", async (_, changes) => {
  await withLane(changes, async (lane) => {
    expect(await lane.parse("sum(up)by(job)", "formatted")).toBe('"sum by (job) (up)"');
    expect(await lane.parse("up < fill(0) up", "formatted")).toBe('"up \\u003c fill (0) up"');
    expect(JSON.parse(await lane.parse("-1", "tree"))).toEqual({ type: "numberLiteral", val: "-1" });
    await expect(lane.parse("sum(", "tree")).rejects.toMatchObject({
      kind: "bad-query",
      message: "1:5: parse error: unclosed left parenthesis",
    });
    await expect(lane.parse("limitk(1, up)", "formatted")).rejects.toThrow(/is experimental/);
    expect(lane.listActive()).toEqual([]);
  });
});

test("the calling thread continues while a long text is parsed", async () => {
  await withLane({}, async (lane) => {
    await lane.parse("up", "formatted");
    const long = `{${'a="b",'.repeat(150_000)}}`;
    let turns = 0;
    const turn = setImmediate(() => turns++);
    const read = await lane.parse(long, "tree");
    clearImmediate(turn);
    expect(read.length).toBeGreaterThan(long.length);
    // Expects one turn of the event loop. If the text were parsed on this thread, the answer would arrive before the
    // next turn.
    expect(turns).toBe(1);
  });
});

/** Returns a lane (a queue of jobs) that runs one job at a time. The test decides when a job ends. */
function laneOfOneSlot() {
  const parsed: (() => void)[] = [];
  const runner: JobRunner = {
    run: () => new Promise(() => undefined),
    parse: (text) => new Promise((resolve) => parsed.push(() => resolve(text))),
    close: async () => undefined,
  };
  const lane = new SchedulerLane({
    clock: new ManualClock(),
    features: DEFAULT_FEATURES,
    maxConcurrency: 1,
    timeoutMs: 60_000,
    runner,
    jobs: new ActiveJobs(),
    name: "queries",
    purpose: "queries",
    tracker: { insert: () => () => undefined },
  });
  return { lane, parsed };
}

test("a text is parsed while queries hold all slots", async () => {
  const { lane, parsed } = laneOfOneSlot();
  lane.evaluate({ time: 0, text: "up" }).catch(() => undefined);
  const text = lane.parse("up", "formatted");
  await expect.poll(() => parsed.length).toBe(1);
  parsed[0]!();
  expect(await text).toBe("up");
});

test("a client that disconnects no longer waits for a slot to parse", async () => {
  const { lane, parsed } = laneOfOneSlot();
  const first = lane.parse("a", "formatted");
  const gone = new AbortController();
  const second = lane.parse("b", "formatted", gone.signal);
  const third = lane.parse("c", "formatted");
  gone.abort();
  await expect(second).rejects.toThrow();
  parsed[0]!();
  expect(await first).toBe("a");
  await expect.poll(() => parsed.length).toBe(2);
  parsed[1]!();
  expect(await third).toBe("c");
});
