import { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { QueryResult, Series } from "../prometheus/series.ts";
import { RangeCache } from "./range-cache.ts";

const OVERLAP = 30;

/** The stored data of a simulated server. Each series has points at the times of a grid from `from` to `to`. */
interface World {
  readonly series: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly gap: number;
  }[];
  /**
   * Largest delay, in the time unit of the test, after which a point appears in the server's answers. The delay is less
   * than the overlap of the cache.
   */
  readonly delay: number;
  readonly isHistogram: boolean;
}

/**
 * Returns the answer that the simulated server gives at the time `now`. Points that have not arrived by then are
 * missing.
 */
function ask(stored: World, from: number, to: number, step: number, now: number): QueryResult {
  const series = stored.series.flatMap(({ name, from: first, to: last, gap }): Series[] => {
    const times: number[] = [];
    for (let time = from; time <= to; time += step) {
      const delay = (time * 7 + name.length) % (stored.delay + 1);
      if (time >= first && time <= last && time % gap !== 0 && time + delay <= now) times.push(time);
    }
    if (times.length === 0) return [];
    const column = (of: (time: number) => number): Float64Array => Float64Array.from(times, of);
    const labels = { __name__: name, job: "a" };
    if (!stored.isHistogram) return [{ labels, times: column((time) => time), values: column((time) => time * 2) }];
    const buckets = Float64Array.from(times.flatMap((time) => [time, time]));
    const histograms = {
      times: column((time) => time),
      counts: column((time) => time * 3),
      sums: column((time) => time * 4),
      bucketTimes: buckets,
      lower: buckets.map((_, i) => i % 2),
      upper: buckets.map((_, i) => (i % 2) + 1),
      bucketCounts: buckets.map((time) => time / 2),
      bounds: new Float64Array(buckets.length),
    };
    return [{ labels, times: new Float64Array(0), values: new Float64Array(0), histograms }];
  });
  return { resultType: "matrix", series, warnings: [], infos: [] };
}

const worlds = fc.record({
  series: fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom("a", "bb", "ccc", "dddd"),
        from: fc.nat(300),
        to: fc.nat(900),
        gap: fc.integer({ min: 2, max: 9 }),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    )
    .map((series) => series.toSorted((a, b) => (a.name < b.name ? -1 : 1))),
  delay: fc.nat(OVERLAP - 1),
  isHistogram: fc.boolean(),
});

const requests = fc.array(
  fc.record({ wait: fc.nat(60), length: fc.nat(200), behind: fc.nat(40), step: fc.constantFrom(5, 10, 15) }),
  { maxLength: 12 },
);

test("an answer that is partly from the cache equals the server's answer for the whole range", () =>
  fc.assert(
    fc.property(worlds, requests, fc.constantFrom(1e6, 4000), (stored, asked, maxBytes) => {
      const cache = new RangeCache(maxBytes);
      let now = 100;
      for (const { wait, length, behind, step } of asked) {
        now += wait;
        const to = Math.floor((now - behind) / step) * step;
        const from = Math.floor((to - length) / step) * step;
        const plan = cache.plan({ key: `k${step}`, from, to, stepMs: step, overlapMs: OVERLAP });
        const joined = cache.join(plan, ask(stored, plan.from, to, step, now), now);
        expect(joined).toEqual(ask(stored, from, to, step, now));
        expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
      }
    }),
    { numRuns: 500 },
  ));

const stored: World = {
  series: [{ name: "up", from: 0, to: 1e6, gap: 1e7 }],
  delay: 0,
  isHistogram: false,
};

/** Requests a range through the cache, and returns the number of points that the cache requests from the server. */
function points(cache: RangeCache, key: string, from: number, to: number, now = to): number {
  const plan = cache.plan({ key, from, to, stepMs: 10, overlapMs: OVERLAP });
  cache.join(plan, ask(stored, plan.from, to, 10, now), now);
  return (to - plan.from) / 10 + 1;
}

test("a refresh requests only the new points and the points of the overlap", () => {
  const cache = new RangeCache(1e6);
  expect(points(cache, "a", 0, 1000)).toBe(101);
  expect(points(cache, "a", 10, 1010)).toBe(4);
  expect(points(cache, "a", 500, 1020)).toBe(4);
  // Checks that the request for a shorter range has not removed older points from the cache.
  expect(points(cache, "a", 30, 1030)).toBe(4);
  expect(points(cache, "a", 0, 1030)).toBe(104);
  expect(cache.counts).toEqual({ hits: 3, misses: 2, evictions: 0 });
});

test("the least recently used entry is evicted", () => {
  const one = new RangeCache(1e6);
  points(one, "a", 0, 1000);
  const cache = new RangeCache(2 * one.bytes + 100);
  for (const key of ["a", "b"]) points(cache, key, 0, 1000);
  points(cache, "a", 10, 1010);
  points(cache, "c", 0, 1000);
  expect([points(cache, "a", 20, 1020), points(cache, "b", 20, 1020)]).toEqual([4, 101]);
  expect(cache.counts.evictions).toBe(2);
  cache.forget("b");
  expect([cache.entries, points(cache, "b", 20, 1020)]).toEqual([1, 101]);
  cache.forget("");
  expect(cache.bytes).toBe(0);
});

test("an entry that is not used for a quarter of an hour is dropped", async () => {
  const clock = new ManualClock();
  const cache = new RangeCache(1e6, clock);
  points(cache, "idle", 0, 1000);
  points(cache, "used", 0, 1000);
  await clock.advance(10 * 60_000);
  points(cache, "used", 10, 1010);
  await clock.advance(6 * 60_000);
  expect([cache.entries, points(cache, "used", 20, 1020)]).toEqual([1, 4]);
  await clock.advance(16 * 60_000);
  expect([cache.entries, cache.bytes]).toEqual([0, 0]);
});

test("warnings and infos are those of the newest answer, and at most 100 of each", () => {
  const cache = new RangeCache(1e6);
  const refresh = (at: number): QueryResult => {
    const plan = cache.plan({ key: "a", from: at, to: at + 1000, stepMs: 10, overlapMs: OVERLAP });
    const texts = Array.from({ length: 200 }, (_, i) => `at ${at}: ${i}`);
    const answer = { ...ask(stored, plan.from, at + 1000, 10, at + 1000), warnings: texts, infos: texts };
    return cache.join(plan, answer, at + 1000);
  };
  const first = refresh(10);
  const { bytes } = cache;
  for (const at of [20, 30, 40]) {
    const { warnings, infos } = refresh(at);
    expect([warnings.length, infos.length, warnings[0], infos[99]]).toEqual([100, 100, `at ${at}: 0`, `at ${at}: 99`]);
  }
  expect([first.warnings.length, cache.bytes, cache.counts.hits]).toEqual([100, bytes, 3]);
});

/** Returns a series with points, and with histograms of one bucket, at the times. */
function seriesAt(times: readonly number[]): Series {
  const column = Float64Array.from(times);
  const histograms = { times: column, counts: column, sums: column, bucketTimes: column, bucketCounts: column };
  return {
    labels: {},
    times: column,
    values: column,
    histograms: { ...histograms, lower: column, upper: column, bounds: column },
  };
}

test("points outside the requested range, and points that are not in order, are dropped", () => {
  const cache = new RangeCache(1e6);
  const refresh = (at: number, times: readonly number[]): readonly Series[] => {
    const plan = cache.plan({ key: "a", from: at, to: at + 100, stepMs: 10, overlapMs: OVERLAP });
    const answer: QueryResult = { resultType: "matrix", series: [seriesAt(times)], warnings: [], infos: [] };
    return cache.join(plan, answer, at + 100).series;
  };
  expect(refresh(0, [-10, 20, 8e15, 10, 30, NaN, 100])).toEqual([seriesAt([20, 30, 100])]);
  // Each request asks from the step after the settled points.
  for (let at = 10; at <= 50; at += 10) refresh(at, [at + 70, at + 100, 8e15, at - 1000, at, at + 1]);
  const settled = [80, 90, 100, 110, 120];
  expect(refresh(60, [140, -1, 8e15, 150, 130, 160])).toEqual([seriesAt([...settled, 140, 150, 160])]);
  expect(cache.counts).toEqual({ hits: 6, misses: 1, evictions: 0 });
  expect(refresh(10_000, [8e15])).toEqual([]);
});
