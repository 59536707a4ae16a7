import fc from "fast-check";
import { expect, test } from "vitest";
import { writeStale } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { removeStale } from "./range-select.ts";
import { firstBeyond } from "./window-slots.ts";

test("firstBeyond() finds the first later time with any guess", () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(300), { maxLength: 40 }),
      fc.integer({ min: -5, max: 320 }),
      fc.nat(50),
      fc.nat(50),
      fc.nat(40),
      (list, bound, at, guess, count) => {
        const times = Float64Array.from(list).sort();
        const end = Math.min(count, times.length);
        let from = Math.min(at, end);
        // Moves back to an index whose earlier times are all at or before the bound, as the function requires.
        while (from > 0 && times[from - 1]! > bound) from--;
        let expected = from;
        while (expected < end && times[expected]! <= bound) expected++;
        expect(firstBeyond(times, end, bound, from, guess)).toBe(expected);
      },
    ),
  ));

test("removeStale() removes only stale markers, and keeps other NaN and infinities", () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<number | "stale">(1, 2.5, NaN, Infinity, -Infinity, "stale", 7, 8, 9), {
        maxLength: 30,
      }),
      (list) => {
        const samples = new SampleColumns(list.length);
        list.forEach((value, i) => {
          samples.timestamps[i] = i;
          if (value === "stale") writeStale(samples.valueWords, i);
          else samples.values[i] = value;
        });
        samples.count = list.length;
        removeStale(samples);
        const kept = list.flatMap((value, i) => (value === "stale" ? [] : [[i, value]]));
        expect(Array.from({ length: samples.count }, (_, i) => [samples.timestamps[i], samples.values[i]])).toEqual(
          kept,
        );
      },
    ),
  ));
