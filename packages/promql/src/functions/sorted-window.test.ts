import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedWindow } from "./sorted-window.ts";

const values = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 2, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0) },
);
/** Random distances by which a window moves: a few samples, many samples, or more than the window's length. */
const moves = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 2 }) },
  fc.integer({ min: 0, max: 40 }),
  fc.constant(150),
);

const inOrder = (window: SortedWindow): number[] => Array.from({ length: window.count }, (_, rank) => window.at(rank));

test("a window that slides contains its values sorted, NaN first", () => {
  fc.assert(
    fc.property(
      fc.array(values, { minLength: 300, maxLength: 400 }),
      fc.array(fc.tuple(moves, moves), { maxLength: 40 }),
      (drawn, steps) => {
        const window = new SortedWindow();
        window.begin(Float64Array.from(drawn));
        let [from, to] = [0, 0];
        for (const [low, high] of steps) {
          to = Math.min(drawn.length, to + high);
          from = Math.min(to, from + low);
          window.moveTo(from, to);
          const expected = drawn.slice(from, to).map((value) => value + 0);
          const nans = expected.filter(Number.isNaN);
          const numbers = expected.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
          expect(inOrder(window).map((value) => value + 0)).toEqual([...nans, ...numbers]);
          const some = Math.floor(window.count / 3);
          if (window.count > 0) expect(window.at(some) + 0).toEqual([...nans, ...numbers][some]);
        }
      },
    ),
  );
});

test("a window can begin again with other values", () => {
  const window = new SortedWindow();
  window.begin(Float64Array.of(3, 1, 2));
  window.moveTo(0, 3);
  window.begin(Float64Array.of(5, 4));
  window.moveTo(0, 2);
  expect(inOrder(window)).toEqual([4, 5]);
});
