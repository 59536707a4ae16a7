import type { Grid } from "@narthex/model";
import { Labels } from "@narthex/model";
import { FLOAT, QueryError, type ResultSeries } from "@narthex/promql";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type RangeResult, ResultCache } from "./result-cache.ts";

const SLOTS = 1000;

/** Returns a query result with a series that is part of a larger block of memory. */
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
  return { version, grid, series: [one], peakSamples: count };
}

/** A limited amount of memory, which counts the bytes that are taken from it. */
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

/** Marks all cached results of a key as used. */
function ask(cache: ResultCache, key: string): void {
  for (const kept of cache.of(key)) cache.read(kept)();
}

test("put() evicts the least recently used result", async () => {
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

test("the cache keeps a copy without references to other memory", async () => {
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

test("ranges with little overlap are kept separately; a newer range replaces those of which it covers the largest part", async () => {
  const cache = new ResultCache(1_000_000, new Memory(Infinity), new ManualClock());
  const at = (start: number, count = 100): Grid => ({ start, step: 10, count });
  await cache.put("a", result(1, at(0)));
  await cache.put("a", result(2, at(5000)));
  await cache.put("a", result(3, at(600)));
  expect(versionsOf(cache, "a")).toEqual([1, 2, 3]);
  await cache.put("a", result(4, at(5010)));
  expect(versionsOf(cache, "a")).toEqual([1, 3, 4]);
  // Adds a long range that contains all earlier ranges, and a short range that begins near the end of the long range.
  await cache.put("a", result(5, at(0, 1000)));
  await cache.put("a", result(6, at(9900)));
  expect(versionsOf(cache, "a")).toEqual([5, 6]);
});

test("at most 16 ranges of one key are kept, the most recently used ones", async () => {
  const clock = new ManualClock();
  const cache = new ResultCache(1_000_000, new Memory(Infinity), clock);
  for (let i = 0; i < 20; i++) {
    await cache.put("a", result(i, { start: i * 1000, step: 10, count: 50 }));
    await clock.advance(10);
    cache.read(cache.of("a")[0]!)();
  }
  expect(versionsOf(cache, "a")).toEqual([0, ...Array.from({ length: 15 }, (_, i) => i + 5)]);
});

test("put() does not keep a result that takes more than half of the cache", async () => {
  const cache = new ResultCache(10_000, new Memory(Infinity), new ManualClock());
  await cache.put("a", result(1));
  expect(versionsOf(cache, "a")).toEqual([]);
  expect(cache.bytes).toBe(0);
});

test("a result that is not used for five minutes is dropped, even without further queries", async () => {
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

test("dropIdle() drops exactly the results that were not used for the given time", async () => {
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

test("the memory of a dropped result is counted until its readers have finished", async () => {
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

test("if a copy is interrupted by the end of its query, its memory is released", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(100_000, memory, new ManualClock());
  const ended = cache.put("a", result(1), () => Promise.reject(new QueryError("canceled", "gone")));
  await expect(ended).rejects.toThrow("gone");
  expect(memory.used).toBe(0);
  expect(cache.bytes).toBe(0);
});

const of = (start: number, count = SLOTS): Grid => ({ start, step: 1, count });

test("a result is replaced only if the newer one is kept", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(30_000, memory, new ManualClock());
  await cache.put("a", result(1));
  // Adds a result that needs more than half of the cache.
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

test("a newer result uses the memory of the result that it replaces, and evicts no other", async () => {
  const cache = new ResultCache(22_000, new Memory(Infinity), new ManualClock());
  await cache.put("b", result(1));
  await cache.put("a", result(1));
  await cache.put("a", result(2, of(10)));
  expect(["a", "b"].map((key) => versionsOf(cache, key))).toEqual([[2], [1]]);
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
});

test("if a newer result needs more memory, another result is evicted, and the replaced one stays until the newer one is kept", async () => {
  const cache = new ResultCache(31_000, new Memory(Infinity), new ManualClock());
  for (const key of ["a", "b", "c"]) await cache.put(key, result(1));
  const ended = cache.put("a", result(2, of(0, 1200)), () => Promise.reject(new QueryError("canceled", "gone")));
  await expect(ended).rejects.toThrow("gone");
  expect(["a", "b", "c"].map((key) => versionsOf(cache, key))).toEqual([[1], [], [1]]);
});

test("the cache stays within its limit while results are stored concurrently and while they are read", async () => {
  const memory = new Memory(Infinity);
  const cache = new ResultCache(22_000, memory, new ManualClock());
  await cache.put("b", result(1));
  await cache.put("a", result(1));
  // Adds two results, each of which overlaps more than half of the first result and needs its memory.
  await Promise.all([cache.put("a", result(2, of(-450))), cache.put("a", result(3, of(450)))]);
  expect(versionsOf(cache, "a")).toEqual([2, 3]);
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
  const done = cache.of("a").map((kept) => cache.read(kept));
  await cache.put("a", result(4, of(0)));
  for (const end of done) end();
  expect(cache.bytes).toBeLessThanOrEqual(22_000);
  expect(memory.used).toBe(cache.bytes);
});

test("no result is kept if queries need the memory", async () => {
  const memory = new Memory(25_000);
  const cache = new ResultCache(1_000_000, memory, new ManualClock());
  for (const key of ["a", "b", "c"]) await cache.put(key, result(1));
  expect(["a", "b", "c"].map((key) => versionsOf(cache, key))).toEqual([[], [], []]);
  expect(memory.used).toBe(0);
});
