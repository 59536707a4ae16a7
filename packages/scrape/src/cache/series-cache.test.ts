import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SeriesCache } from "./series-cache.ts";

const encoder = new TextEncoder();
const named = (name: string) => {
  const bytes = encoder.encode(name);
  return { predicted: false, seriesBytes: bytes, seriesStart: 0, seriesEnd: bytes.length };
};

/** Runs one scrape that contains the series `names`. Returns the references of the series that have ended. */
function scrape(cache: SeriesCache, names: readonly string[], refs: Map<string, number>): number[] {
  cache.begin();
  for (const name of names) {
    const index = cache.lines.take(named(name));
    cache.admit(index);
    if (!cache.isKnown(index)) {
      if (!refs.has(name)) refs.set(name, refs.size);
      cache.resolve(index, refs.get(name)!);
    }
    expect(cache.ref(index)).toBe(refs.get(name));
    cache.see(index);
    cache.track(index);
  }
  const ended = cache.endedRefs();
  cache.forgetUnseen();
  return ended;
}

test("ended() returns exactly the series of the last scrape that this scrape lacks, whatever was removed meanwhile", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(800)), { maxLength: 8 }), (scrapes) => {
      const cache = new SeriesCache();
      const refs = new Map<string, number>();
      let last: string[] = [];
      for (const [from, count] of scrapes) {
        const names = Array.from({ length: count }, (_, i) => `series_${from + i}`);
        const here = new Set(names);
        const expected = last.filter((name) => !here.has(name)).map((name) => refs.get(name)!);
        const ended = scrape(cache, names, refs);
        expect(ended.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
        expect(cache.liveRefs()).toHaveLength(count);
        last = names;
      }
    }),
    { numRuns: 30 },
  ));

test("forgetOvergrowth() removes the series that failing scrapes accumulate, but only beyond its limit", () => {
  const cache = new SeriesCache();
  const refs = new Map<string, number>();
  scrape(cache, ["a", "b"], refs);
  for (let i = 0; i < 1002; i++) {
    expect(cache.forgetOvergrowth()).toBe(false);
    cache.begin();
    const index = cache.lines.take(named(`new_${i}`));
    cache.admit(index);
    cache.see(index);
  }
  expect(cache.lines.size).toBe(1004);
  expect(cache.forgetOvergrowth()).toBe(false);
  cache.begin();
  cache.admit(cache.lines.take(named("one more")));
  expect(cache.forgetOvergrowth()).toBe(true);
  expect(cache.lines.size).toBe(0);
});
