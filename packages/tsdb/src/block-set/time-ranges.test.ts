import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeRanges } from "./time-ranges.ts";

const range = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 15 }))
  .map(([minTime, length]) => ({ minTime, maxTime: minTime + length }));

test("the latest end of overlapping ranges is the same as with a comparison of all ranges", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), range, (ranges, other) => {
      const ends = ranges
        .filter(({ minTime, maxTime }) => minTime < other.maxTime && maxTime > other.minTime)
        .map(({ maxTime }) => maxTime);
      const expected = ends.reduce((a, b) => Math.max(a, b), -Infinity);
      const found = new TimeRanges(ranges);
      expect(found.latestEnd(other)).toBe(expected);
      expect(found.overlap(other)).toBe(ends.length > 0);
    }),
  );
});
