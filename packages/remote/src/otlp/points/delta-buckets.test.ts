import fc from "fast-check";
import { expect, test } from "vitest";
import { addBuckets } from "./delta-buckets.ts";
import type { DenseBuckets } from "./dense-buckets.ts";

const side = fc.record({
  offset: fc.integer({ min: -200, max: 200 }),
  counts: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }).map((counts) => Float64Array.from(counts)),
});
const histogram = fc.record({
  scale: fc.integer({ min: -4, max: 10 }),
  zeroThreshold: fc.constant(0),
  zeroCount: fc.integer({ min: 0, max: 5 }),
  positive: side,
  negative: side,
});

/** Returns the counts of buckets at a coarser scale, by bucket index. The tests compare histograms in this form. */
function countsAt({ offset, counts }: DenseBuckets, steps: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const index = Math.floor((offset + i) / 2 ** steps);
    found.set(index, (found.get(index) ?? 0) + count);
  }
  return found;
}

function plainSum(sides: readonly (readonly [DenseBuckets, number])[]): Map<number, number> {
  const sum = new Map<number, number>();
  for (const [one, steps] of sides) {
    for (const [index, count] of countsAt(one, steps)) sum.set(index, (sum.get(index) ?? 0) + count);
  }
  return sum;
}

const sorted = (counts: Map<number, number>): readonly (readonly number[])[] =>
  [...counts].toSorted(([a], [b]) => a - b);

test("addBuckets() adds each bucket at the coarser scale, or at one with few enough buckets", () =>
  fc.assert(
    fc.property(histogram, histogram, (a, b) => {
      const sum = addBuckets(a, b);
      expect(sum.scale).toBeLessThanOrEqual(Math.min(a.scale, b.scale));
      for (const key of ["positive", "negative"] as const) {
        const expected = plainSum([
          [a[key], a.scale - sum.scale],
          [b[key], b.scale - sum.scale],
        ]);
        expect(sorted(countsAt(sum[key], 0))).toEqual(sorted(expected));
        const indexes = [...expected.keys()];
        if (indexes.length > 0) expect(Math.max(...indexes) - Math.min(...indexes)).toBeLessThanOrEqual(160);
      }
      expect(sum.zeroCount).toBe(a.zeroCount + b.zeroCount);
    }),
  ));

test("buckets inside a wider zero bucket count as zero", () => {
  const buckets = { offset: 0, counts: Float64Array.of(1, 2, 4) };
  const none = { offset: 0, counts: new Float64Array() };
  const plain = { scale: 0, zeroThreshold: 0, zeroCount: 1, positive: buckets, negative: none };
  // The buckets (1, 2] and (2, 4] are within the zero threshold 4, so their counts move to the zero bucket.
  const sum = addBuckets(plain, { ...plain, zeroThreshold: 4, positive: none });
  expect(sum.zeroCount).toBe(5);
  expect(sum.positive).toEqual({ offset: 2, counts: Float64Array.of(4) });
  expect(sum.zeroThreshold).toBeCloseTo(4);
});

test("a side without counts does not affect the sum, whatever its offset", () => {
  const empty = { offset: 0, counts: new Float64Array(2) };
  const far = { offset: -(2 ** 31), counts: Float64Array.of(1, 2) };
  const none = { offset: 0, counts: new Float64Array() };
  const rest = { scale: 20, zeroThreshold: 0, zeroCount: 0, negative: none };
  const sum = addBuckets({ ...rest, positive: far }, { ...rest, positive: empty });
  expect(sum).toEqual({ ...rest, positive: far });
});
