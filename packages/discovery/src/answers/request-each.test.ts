import { expect, test } from "vitest";
import { requestEach } from "./request-each.ts";

test("results have the order of the items, and a limited number of requests run at once", async () => {
  let running = 0;
  let most = 0;
  const results = await requestEach(
    [3, 1, 2, 5, 4],
    async (item) => {
      most = Math.max(most, ++running);
      for (let i = 0; i < item; i++) await Promise.resolve();
      running--;
      return item * 10;
    },
    2,
  );
  expect([results, most]).toEqual([[30, 10, 20, 50, 40], 2]);
  expect(await requestEach([], () => Promise.resolve(1))).toEqual([]);
});

test("after a failure no request begins", async () => {
  const begun: number[] = [];
  const request = (item: number): Promise<number> => {
    begun.push(item);
    return item === 2 ? Promise.reject(new Error("no")) : Promise.resolve(item);
  };
  await expect(requestEach([1, 2, 3, 4], request, 1)).rejects.toThrow("no");
  expect(begun).toEqual([1, 2]);
});
