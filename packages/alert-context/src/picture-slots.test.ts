import { settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { PictureSlots } from "./picture-slots.ts";

test("four pictures are made at the same time, and further ones in order when a slot is free", async () => {
  const slots = new PictureSlots();
  const { signal } = new AbortController();
  const begun: number[] = [];
  const ends: PromiseWithResolvers<number>[] = Array.from({ length: 7 }, () => Promise.withResolvers());
  const results = ends.map(({ promise }, i) =>
    slots.run(signal, () => {
      begun.push(i);
      return promise;
    }),
  );
  await settle();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]!.reject(new Error("broken"));
  await expect(results[2]).rejects.toThrow("broken");
  await settle();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  for (const [i, { resolve }] of ends.entries()) resolve(i);
  expect(await Promise.all(results.filter((_, i) => i !== 2))).toEqual([0, 1, 3, 4, 5, 6]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("a picture that is too late is not begun, and does not take a slot", async () => {
  const slots = new PictureSlots();
  const { signal } = new AbortController();
  const end = Promise.withResolvers<void>();
  const first = Array.from({ length: 4 }, () => slots.run(signal, () => end.promise));
  const late = new AbortController();
  let hasBegun = false;
  const refused = slots.run(late.signal, async () => (hasBegun = true));
  const next = slots.run(signal, async () => "next");
  late.abort(new Error("late"));
  await expect(refused).rejects.toThrow("late");
  end.resolve();
  await Promise.all(first);
  expect([await next, hasBegun]).toEqual(["next", false]);
  await expect(slots.run(late.signal, async () => "again")).rejects.toThrow("late");
});
