import { performance } from "node:perf_hooks";
import { DEFAULT_FEATURES } from "@narthex/promql";
import { expect, test } from "vitest";
import type { QueryLaneOptions } from "./open-query-lane.ts";
import type { QueryLane } from "./query-lane.ts";
import { openTestLane, TEST_LIMITS } from "./testing/test-lane.ts";
import { type WrittenTsdb, writtenTsdb } from "./testing/written-tsdb.ts";

const LIMITS = { ...TEST_LIMITS, features: { ...DEFAULT_FEATURES, binopFillModifiers: true } };

/** A lane over a storage of its own. */
async function withLane(changes: Partial<QueryLaneOptions>, work: (lane: QueryLane) => Promise<void>): Promise<void> {
  await using written: WrittenTsdb = await writtenTsdb(60_000, ["up 1x5"]);
  const lane = openTestLane(written, { limits: LIMITS, ...changes });
  await work(lane);
  await lane.close();
}

test.each([
  ["on a thread", {}],
  ["in place", { threads: 0 }],
  ["where no thread starts", { entry: new URL("./testing/stillborn-worker.ts", import.meta.url) }],
])("a lane reads expressions %s", async (_, changes) => {
  await withLane(changes, async (lane) => {
    expect(await lane.read("sum(up)by(job)", "formatted")).toBe('"sum by (job) (up)"');
    expect(await lane.read("up < fill(0) up", "formatted")).toBe('"up \\u003c fill (0) up"');
    expect(JSON.parse(await lane.read("-1", "tree"))).toEqual({ type: "numberLiteral", val: "-1" });
    await expect(lane.read("sum(", "tree")).rejects.toMatchObject({
      kind: "bad-query",
      message: "1:5: parse error: unclosed left parenthesis",
    });
    await expect(lane.read("limitk(1, up)", "formatted")).rejects.toThrow(/is experimental/);
    expect(lane.listActive()).toEqual([]);
  });
});

test("the thread that asks goes on while a long text is read", async () => {
  await withLane({}, async (lane) => {
    await lane.read("up", "formatted");
    const long = `{${'a="b",'.repeat(150_000)}}`;
    const before = performance.eventLoopUtilization();
    const read = lane.read(long, "tree");
    expect((await read).length).toBeGreaterThan(long.length);
    const { active, idle } = performance.eventLoopUtilization(before);
    expect(active).toBeLessThan(idle);
  });
});
