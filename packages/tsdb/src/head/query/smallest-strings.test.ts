import { compareBytewise } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { smallestStrings } from "./smallest-strings.ts";

test("smallestStrings() returns the first of the sorted words", () =>
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 2 }), { maxLength: 400, size: "max" }),
      fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(Infinity)),
      (words, limit) => {
        expect(smallestStrings(words, limit)).toEqual(words.toSorted(compareBytewise).slice(0, limit));
      },
    ),
  ));
