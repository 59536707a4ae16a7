import { compareBytewise } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeSortedStrings } from "./merge-sorted-strings.ts";

const words = fc.uniqueArray(fc.string({ unit: "binary", maxLength: 3 })).map((list) => list.sort(compareBytewise));

test("mergeSortedStrings() returns the sorted union of its lists, up to the limit", () =>
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), fc.option(fc.nat(8)), (lists, limit) => {
      const expected = [...new Set(lists.flat())].sort(compareBytewise).slice(0, limit ?? Infinity);
      expect(mergeSortedStrings(lists, limit ?? Infinity)).toEqual(expected);
    }),
  ));
