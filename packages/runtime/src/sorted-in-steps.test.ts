import { expect, test } from "vitest";
import { sortedInSteps } from "./sorted-in-steps.ts";
import { runToEnd } from "./time-slice.ts";

interface Item {
  readonly key: number;
  readonly place: number;
}

test.each([0, 1, 1024, 1025, 5000])("%i items are sorted stably, and every step is short", (count) => {
  const items = Array.from({ length: count }, (_, place): Item => ({ key: (place * 7919) % 101, place }));
  const compare = (a: Item, b: Item): number => a.key - b.key;
  expect(runToEnd(sortedInSteps(items, compare))).toEqual(items.toSorted(compare));
  let [compared, most] = [0, 0];
  const counting = sortedInSteps(items, (a, b) => {
    compared++;
    return compare(a, b);
  });
  for (let step = counting.next(); step.done !== true; step = counting.next()) {
    most = Math.max(most, compared);
    compared = 0;
  }
  expect(most).toBeLessThan(1024 * 12);
});
