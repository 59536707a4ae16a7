import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { RequestPace } from "./request-pace.ts";

test("a burst of 50 requests is sent at once, and the others at their pace", async () => {
  const clock = new ManualClock();
  const pace = new RequestPace(10, { clock, signal: new AbortController().signal });
  const sent: number[] = [];
  const send = async (): Promise<void> => {
    await pace.next();
    sent.push(clock.monotonic());
  };
  const all = Promise.all(Array.from({ length: 60 }, send));
  await clock.advance(10_000);
  await all;
  expect(sent.filter((at) => at === 0)).toHaveLength(50);
  expect(sent.slice(50)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  await Promise.all(Array.from({ length: 50 }, send));
  expect(sent.at(-1)).toBe(10_000);
});
