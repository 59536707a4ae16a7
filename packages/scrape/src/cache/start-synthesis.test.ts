import { EMPTY_HISTOGRAM, type FloatHistogram } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StartSynthesis } from "./start-synthesis.ts";

/**
 * Returns the expected stored samples of a counter, computed in a simple way. The samples' timestamps are 1000, 2000 …
 */
function reference(values: readonly number[]): ({ value: number; start: number } | undefined)[] {
  let base = values[0]!;
  let start = 1000;
  return values.map((value, i) => {
    if (i === 0) return undefined;
    if (value < values[i - 1]!) {
      base = 0;
      start = (i + 1) * 1000 - 1;
    }
    return { value: value - base, start };
  });
}

/** Passes the samples to StartSynthesis as scrapes do: the first samples one by one, the later samples together. */
function inRuns(counters: readonly (readonly number[])[]): ReturnType<typeof reference>[] {
  const synthesis = new StartSynthesis();
  const out: ReturnType<typeof reference>[] = counters.map(() => []);
  for (let scrape = 0; scrape < counters[0]!.length; scrape++) {
    const time = (scrape + 1) * 1000;
    synthesis.begin();
    const values = Float64Array.from(counters, (counter) => counter[scrape]!);
    const starts = new Float64Array(counters.length);
    expect(synthesis.countKnown(0, counters.length, 0)).toBe(scrape === 0 ? 0 : counters.length);
    if (scrape > 0) synthesis.takeRun(0, values, starts, time);
    for (const [index, list] of out.entries()) {
      if (scrape > 0) list.push({ value: values[index]!, start: starts[index]! });
      else list.push(synthesis.takeFloat(index, values[index]!, time) ? { value: NaN, start: NaN } : undefined);
    }
  }
  return out;
}

const counters = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 8 })).chain(([count, length]) =>
  fc.array(fc.array(fc.oneof(fc.nat(5), fc.double()), { minLength: length, maxLength: length }), {
    minLength: count,
    maxLength: count,
  }),
);

test("counters count from their first sample and from a reset, with equal results whether samples are taken one by one or together", () =>
  fc.assert(
    fc.property(counters, (all) => {
      expect(inRuns(all)).toEqual(all.map(reference));
      const synthesis = new StartSynthesis();
      const single = all[0]!.map((value, i) => {
        const stored = synthesis.takeFloat(7, value, (i + 1) * 1000);
        return stored ? { value: synthesis.value, start: synthesis.start } : undefined;
      });
      expect(single).toEqual(reference(all[0]!));
    }),
  ));

test("series that are not cumulative stay unchanged within a run, and cleared series begin again", () => {
  const synthesis = new StartSynthesis();
  synthesis.begin();
  synthesis.leaveAlone(0);
  expect(synthesis.takeFloat(1, 10, 1000)).toBe(false);
  expect(synthesis.takeKnown(0, 5, 1000)).toBe(false);
  const values = Float64Array.of(5, 12);
  const starts = new Float64Array(2);
  synthesis.takeRun(0, values, starts, 2000);
  expect([...values, ...starts]).toEqual([5, 2, 0, 1000]);
  synthesis.clear(1);
  expect([synthesis.isUnknown(1), synthesis.countKnown(0, 2, 0)]).toEqual([true, 1]);
  expect(synthesis.takeFloat(1, 20, 3000)).toBe(false);
  expect(synthesis.takeFloat(1, 21, 4000)).toBe(true);
  expect([synthesis.value, synthesis.start]).toEqual([1, 3000]);
});

test("a series that is not cumulative is checked again after metadata of another family and after a change of the types", () => {
  const synthesis = new StartSynthesis();
  synthesis.begin();
  synthesis.leaveAlone(0, 3, 7);
  synthesis.leaveAlone(1, 3);
  synthesis.leaveAlone(2);
  const known = (first: number, typesVersion: number, family?: number): number =>
    synthesis.countKnown(first, 1, typesVersion, family);
  expect([known(0, 3, 7), known(0, 3, 8), known(0, 3), known(0, 4, 7)]).toEqual([1, 0, 0, 0]);
  expect([known(1, 3), known(1, 3, 7), known(1, 4)]).toEqual([1, 0, 0]);
  expect([known(2, 3), known(2, 9, 7)]).toEqual([1, 1]);
});

const histogram = (counts: readonly number[], integer = true): FloatHistogram => ({
  ...EMPTY_HISTOGRAM,
  count: counts.reduce((sum, count) => sum + count, 0),
  sum: counts.reduce((sum, count, i) => sum + count * i, 0),
  positiveSpans: [{ offset: 0, length: counts.length }],
  positiveBuckets: Float64Array.from(counts),
  integer,
});

test("the first histogram is subtracted from later ones bucket by bucket, without changing their kind, and after a reset nothing is subtracted", () => {
  const synthesis = new StartSynthesis();
  synthesis.begin();
  const take = (counts: readonly number[], timestamp: number) =>
    synthesis.takeHistogram(3, histogram(counts), timestamp) ? [synthesis.histogram, synthesis.start] : undefined;
  expect(take([1, 2], 1000)).toBeUndefined();
  expect(take([1, 5], 2000)).toEqual([
    {
      ...histogram([3]),
      sum: 3,
      positiveSpans: [{ offset: 1, length: 1 }],
    },
    1000,
  ]);
  expect(take([2, 1], 3000)).toEqual([histogram([2, 1]), 2999]);
  expect(take([2, 3], 4000)).toEqual([histogram([2, 3]), 2999]);
  // Checks that a series which changes between floats and histograms begins again, with its next sample held back as
  // the base.
  expect(synthesis.takeFloat(3, 1, 5000)).toBe(false);
  expect(take([2, 3], 6000)).toBeUndefined();
});

test("a series keeps its state under another number, and when the columns grow", () => {
  const synthesis = new StartSynthesis();
  synthesis.begin();
  synthesis.takeFloat(5, 10, 1000);
  synthesis.takeHistogram(6, histogram([1]), 1000);
  synthesis.resize(128);
  synthesis.reorder(Uint32Array.of(6, 5));
  synthesis.resize(64);
  expect(synthesis.isUnknown(5)).toBe(true);
  expect(synthesis.takeFloat(1, 11, 2000)).toBe(true);
  expect([synthesis.value, synthesis.start]).toEqual([1, 1000]);
  expect(synthesis.takeHistogram(0, histogram([4]), 2000)).toBe(true);
  expect([synthesis.histogram!.count, synthesis.start]).toEqual([3, 1000]);
});

test("stored histograms count as memory until their series is cleared", () => {
  const synthesis = new StartSynthesis();
  const columns = synthesis.byteLength;
  const buckets = Array.from({ length: 1000 }, () => 1);
  synthesis.begin();
  synthesis.takeHistogram(0, histogram(buckets), 1000);
  expect(synthesis.byteLength - columns).toBeGreaterThanOrEqual(8000);
  expect(synthesis.byteLength - columns).toBeLessThan(16_000);
  synthesis.begin();
  synthesis.takeHistogram(0, histogram(buckets), 2000);
  expect(synthesis.byteLength - columns).toBeGreaterThanOrEqual(16_000);
  synthesis.clear(0);
  expect(synthesis.byteLength).toBe(columns);
});
