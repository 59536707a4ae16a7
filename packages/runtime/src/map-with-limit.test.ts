import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapWithLimit } from "./map-with-limit.ts";

test("mapWithLimit() runs a limited number of items at the same time, and returns the results in order", async () => {
  const finish: (() => void)[] = [];
  const begun: number[] = [];
  const mapped = mapWithLimit([0, 1, 2], 2, async (item) => {
    begun.push(item);
    await new Promise<void>((resolve) => (finish[item] = resolve));
    return item * 10;
  });
  expect(begun).toEqual([0, 1]);
  finish[1]!();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  finish[2]!();
  finish[0]!();
  expect(await mapped).toEqual([0, 10, 20]);
});

test("mapWithLimit() rejects with the first error", async () => {
  await expect(mapWithLimit([1, 2], 2, (item) => Promise.reject(new Error(`no ${item}`)))).rejects.toThrow("no 1");
});

test("mapWithLimit() starts no further item after an error", async () => {
  const { promise: first, resolve: endFirst } = Promise.withResolvers<void>();
  const begun: number[] = [];
  const mapped = mapWithLimit([0, 1, 2], 2, (item) => {
    begun.push(item);
    return item === 0 ? first : Promise.reject(new Error("broken"));
  });
  await expect(mapped).rejects.toThrow("broken");
  endFirst();
  await setImmediate();
  expect(begun).toEqual([0, 1]);
});
