import type { Grid } from "@narthex/model";
import { Labels } from "@narthex/model";
import { FLOAT, QueryError, type ResultSeries } from "@narthex/promql";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type RangeResult, ResultCache } from "./result-cache.ts";

const SLOTS = 1000;

/** Its one series is cut out of a block that has room for many. */
function result(version: number, grid: Grid = { start: 0, step: 1, count: SLOTS }): RangeResult {
  const { count } = grid;
  const [values, present] = [new Float64Array(count * 8), new Uint8Array(count * 8)];
  values.fill(version, count, count * 2);
  present.fill(FLOAT, count, count * 2);
  const one: ResultSeries = {
    labels: Labels.of({ a: `${version}` }),
    times: new Float64Array(count),
    column: {
      values: values.subarray(count, count * 2),
      present: present.subarray(count, count * 2),
      histograms: undefined,
    },
  };
  return { version, grid, series: [one], mostSamples: count };
}

/** Memory of which there is so much. */
class Memory {
  limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  take(bytes: number): void {
    if (this.used + bytes > this.limit) throw new QueryError("too-many-samples", "there is no more");
    this.used += bytes;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

const versionsOf = (cache: ResultCache, key: string): number[] => cache.of(key).map(({ version }) => version);

/** Asks for all results of a key. */
function ask(cache: ResultCache, key: string): void {
  for (const kept of cache.of(key)) cache.read(kept)();
}

test("put() makes room where the result is that was asked for longest ago", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(35_000, memory, new ManualClock());
  for (const key of ["a", "b", "c"]) await cache.put(key, result(1));
  ask(cache, "a");
  await cache.put("d", result(2));
  expect(["a", "b", "c", "d"].map((key) => versionsOf(cache, key))).toEqual([[1], [], [1], [2]]);
  expect(cache.bytes).toBe(memory.used);
  expect(cache.bytes).toBeLessThanOrEqual(35_000);
  await cache.put("d", result(3));
  expect(versionsOf(cache, "d")).toEqual([3]);
});

test("what is kept is a copy that holds nothing else", async () => {
  const cache = new ResultCache(35_000, new Memory(Infinity), new ManualClock());
  const source = result(7);
  await cache.put("a", source);
  source.series[0]!.column.values.fill(0);
  const [kept] = cache.of("a");
  const [one] = kept!.series.over(kept!.grid);
  expect([...one!.column.values]).toEqual(Array.from({ length: SLOTS }, () => 7));
  expect([...one!.column.present]).toEqual(Array.from({ length: SLOTS }, () => FLOAT));
  expect(one!.labels).toEqual(source.series[0]!.labels);
  expect([...one!.times].slice(0, 3)).toEqual([0, 1, 2]);
  expect(one!.column.values.buffer.byteLength + one!.column.present.buffer.byteLength).toBe(SLOTS * 9);
  expect(cache.bytes).toBeGreaterThan(SLOTS * 9);
});

test("ranges that have little in common are kept beside each other; a newer one takes the place of what it covers", async () => {
  const cache = new ResultCache(1_000_000, new Memory(Infinity), new ManualClock());
  const at = (start: number, count = 100): Grid => ({ start, step: 10, count });
  await cache.put("a", result(1, at(0)));
  await cache.put("a", result(2, at(5000)));
  await cache.put("a", result(3, at(600)));
  expect(versionsOf(cache, "a")).toEqual([1, 2, 3]);
  await cache.put("a", result(4, at(5010)));
  expect(versionsOf(cache, "a")).toEqual([1, 3, 4]);
  // A short range of which the long one has all, and one that a viewer of the short one asked for.
  await cache.put("a", result(5, at(0, 1000)));
  await cache.put("a", result(6, at(9900)));
  expect(versionsOf(cache, "a")).toEqual([5, 6]);
});

test("of one key no more than 16 ranges are kept: those asked for last", async () => {
  const clock = new ManualClock();
  const cache = new ResultCache(1_000_000, new Memory(Infinity), clock);
  for (let i = 0; i < 20; i++) {
    await cache.put("a", result(i, { start: i * 1000, step: 10, count: 50 }));
    await clock.advance(10);
    cache.read(cache.of("a")[0]!)();
  }
  expect(versionsOf(cache, "a")).toEqual([0, ...Array.from({ length: 15 }, (_, i) => i + 5)]);
});

test("put() keeps no result that takes more than half of the cache", async () => {
  const cache = new ResultCache(10_000, new Memory(Infinity), new ManualClock());
  await cache.put("a", result(1));
  expect(versionsOf(cache, "a")).toEqual([]);
  expect(cache.bytes).toBe(0);
});

test("a result that nobody asks for in five minutes is gone, also where there is no query any more", async () => {
  const clock = new ManualClock();
  const memory = new Memory(Infinity);
  const cache = new ResultCache(100_000, memory, clock);
  await cache.put("a", result(1));
  await clock.advance(200_000);
  await cache.put("b", result(1));
  await clock.advance(200_000);
  expect(versionsOf(cache, "b")).toEqual([1]);
  expect(versionsOf(cache, "a")).toEqual([]);
  expect(memory.used).toBe(cache.bytes);
  ask(cache, "b");
  await clock.advance(299_999);
  expect(memory.used).toBeGreaterThan(0);
  await clock.advance(1);
  expect(memory.used).toBe(0);
});

test("dropIdle() drops what nobody has asked for in so long, and nothing else", async () => {
  const clock = new ManualClock();
  const memory = new Memory(Infinity);
  const cache = new ResultCache(100_000, memory, clock);
  await cache.put("a", result(1));
  await clock.advance(40_000);
  await cache.put("b", result(1));
  await clock.advance(40_000);
  cache.dropIdle(60_000);
  expect(memory.used).toBe(cache.bytes);
  expect(["a", "b"].map((key) => versionsOf(cache, key))).toEqual([[], [1]]);
});

test("the memory of a result that is dropped counts until those who read it have done", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(100_000, memory, new ManualClock());
  await cache.put("a", result(1));
  const [kept] = cache.of("a");
  const [first, second] = [cache.read(kept!), cache.read(kept!)];
  cache.drop(kept!);
  expect(versionsOf(cache, "a")).toEqual([]);
  first();
  expect(memory.used).toBeGreaterThan(9 * SLOTS);
  second();
  expect(memory.used).toBe(0);
});

test("a copy that its query's end interrupts gives its memory back", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(100_000, memory, new ManualClock());
  const ended = cache.put("a", result(1), () => Promise.reject(new QueryError("canceled", "gone")));
  await expect(ended).rejects.toThrow("gone");
  expect(memory.used).toBe(0);
  expect(cache.bytes).toBe(0);
});

const of = (start: number, count = SLOTS): Grid => ({ start, step: 1, count });

test("a result gives way to a newer one only when that is kept", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(30_000, memory, new ManualClock());
  await cache.put("a", result(1));
  // More than half of the cache.
  await cache.put("a", result(2, of(0, SLOTS * 2)));
  expect(versionsOf(cache, "a")).toEqual([1]);
  const ended = cache.put("a", result(3), () => Promise.reject(new QueryError("canceled", "gone")));
  expect(versionsOf(cache, "a")).toEqual([1]);
  await expect(ended).rejects.toThrow("gone");
  expect(versionsOf(cache, "a")).toEqual([1]);
  expect(memory.used).toBe(cache.bytes);
  await cache.put("a", result(4));
  expect(versionsOf(cache, "a")).toEqual([4]);
  expect(memory.used).toBe(cache.bytes);
});

test("a newer result has the room of that whose place it takes, and costs no other its place", async () => {
  const cache = new ResultCache(22_000, new Memory(Infinity), new ManualClock());
  await cache.put("b", result(1));
  await cache.put("a", result(1));
  await cache.put("a", result(2, of(10)));
  expect(["a", "b"].map((key) => versionsOf(cache, key))).toEqual([[2], [1]]);
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
});

test("where a newer result needs more room, that whose place it takes is not what gives it before it is kept", async () => {
  const cache = new ResultCache(31_000, new Memory(Infinity), new ManualClock());
  for (const key of ["a", "b", "c"]) await cache.put(key, result(1));
  const ended = cache.put("a", result(2, of(0, 1200)), () => Promise.reject(new QueryError("canceled", "gone")));
  await expect(ended).rejects.toThrow("gone");
  expect(["a", "b", "c"].map((key) => versionsOf(cache, key))).toEqual([[1], [], [1]]);
});

test("results that are kept at a time, and those that are read, leave the cache within its bytes", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(22_000, memory, new ManualClock());
  await cache.put("b", result(1));
  await cache.put("a", result(1));
  // Each has more than half of the first in common, and counts on its room.
  await Promise.all([cache.put("a", result(2, of(-450))), cache.put("a", result(3, of(450)))]);
  expect(versionsOf(cache, "a")).toEqual([2, 3]);
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
  const done = cache.of("a").map((kept) => cache.read(kept));
  await cache.put("a", result(4, of(0)));
  for (const end of done) end();
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
  expect(memory.used).toBe(cache.bytes);
});

test("where queries have taken the memory nothing is kept", async () => {
  const memory = new Memory(25_000);
  const cache = new ResultCache(1_000_000, memory, new ManualClock());
  for (const key of ["a", "b", "c"]) await cache.put(key, result(1));
  expect(["a", "b", "c"].map((key) => versionsOf(cache, key))).toEqual([[], [], []]);
  expect(memory.used).toBe(0);
});
