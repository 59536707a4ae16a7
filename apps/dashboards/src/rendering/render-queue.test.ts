import { expect, test } from "vitest";
import { RenderQueue } from "./render-queue.ts";

const never = new AbortController().signal;

test("an account may have 5 renderings, and all accounts together 20; finished ones make room", async () => {
  const queue = new RenderQueue();
  const first = Promise.withResolvers<string>();
  const begun = [1, 2, 3, 4].flatMap((account) =>
    Array.from({ length: 5 }, () => queue.run(account, never, () => first.promise)),
  );
  expect(queue.length).toBe(20);
  await expect(queue.run(9, never, () => first.promise)).rejects.toMatchObject({ statusCode: 429 });
  first.resolve("picture");
  await Promise.all(begun);
  expect(queue.length).toBe(0);
  const held = Promise.withResolvers<string>();
  const own = Array.from({ length: 5 }, () => queue.run(1, never, () => held.promise));
  await expect(queue.run(1, never, () => held.promise)).rejects.toMatchObject({ statusCode: 429 });
  const other = queue.run(2, never, () => Promise.resolve("other"));
  held.resolve("picture");
  expect(await Promise.all([...own, other])).toEqual([...Array<string>(5).fill("picture"), "other"]);
});

test("a rendering whose client has gone is skipped", async () => {
  const queue = new RenderQueue();
  const first = Promise.withResolvers<string>();
  const running = queue.run(1, never, () => first.promise);
  const gone = new AbortController();
  let hasRun = false;
  const skipped = queue.run(1, gone.signal, () => {
    hasRun = true;
    return Promise.resolve("");
  });
  gone.abort(new Error("the client has gone"));
  first.resolve("picture");
  await running;
  await expect(skipped).rejects.toThrow("the client has gone");
  expect(hasRun).toBe(false);
});
