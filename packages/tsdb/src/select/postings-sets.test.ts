import * as fc from "fast-check";
import { expect, test } from "vitest";
import { intersect, intersects, subtract, union } from "./postings-sets.ts";

const rising = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);
const list = fc
  .oneof(
    fc.array(fc.nat(40), { maxLength: 40 }),
    fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 }),
    fc.array(fc.nat(5000), { maxLength: 2000, minLength: 500, size: "max" }),
  )
  .map(rising);

/**
 * Generates lists, each of which begins at the end of the previous one. The last element of a list may equal the first
 * of the next list.
 */
const following = fc
  .tuple(fc.array(fc.nat(60), { minLength: 2, maxLength: 30 }).map(rising), fc.array(fc.nat(30), { maxLength: 4 }))
  .map(([all, cuts]) => {
    const ends = rising([...cuts.map((cut) => cut % all.length), all.length - 1]);
    return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1]!, end + 1));
  });

test("union() returns each reference once, even if the end of a list is the start of another", () => {
  fc.assert(
    fc.property(following, (lists) => {
      expect([...union(lists.map((one) => Uint32Array.from(one)))]).toEqual(rising(lists.flat()));
    }),
  );
});

test("intersect(), intersects(), subtract() and union() give the same results as sets, and do not change their inputs", () => {
  fc.assert(
    fc.property(fc.array(list, { minLength: 2, maxLength: 5 }), (lists) => {
      const [a, b] = lists.map((one) => Uint32Array.from(one)) as [Uint32Array, Uint32Array];
      const inB = new Set(b);
      expect([...intersect(a, b)]).toEqual([...a].filter((ref) => inB.has(ref)));
      expect(intersects(a, b)).toBe(intersect(a, b).length > 0);
      expect([...subtract(a, b)]).toEqual([...a].filter((ref) => !inB.has(ref)));
      expect([...union(lists.map((one) => Uint32Array.from(one)))]).toEqual(rising(lists.flat()));
      expect([...a]).toEqual(lists[0]);
      expect([...b]).toEqual(lists[1]);
    }),
  );
});

test("union() without lists is empty", () => {
  expect([...union([])]).toEqual([]);
});
