import { ManualClock, settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { never } from "../testing/fake-server.ts";
import { StartRate } from "./start-rate.ts";

test("twenty processes start at once, then one each half second, and an aborted start does not count", async () => {
  const clock = new ManualClock(0);
  const rate = new StartRate(clock);
  let started = 0;
  const start = (signal = never()): Promise<void> =>
    rate.take(signal).then(() => {
      started++;
    });
  const controller = new AbortController();
  const starts = Array.from({ length: 20 }, () => start());
  const aborted = start(controller.signal).catch((error: unknown) => error);
  await settle();
  expect(started).toBe(20);
  controller.abort(new Error("gone"));
  expect(await aborted).toEqual(new Error("gone"));
  starts.push(start(), start());
  await clock.advance(499);
  expect(started).toBe(20);
  await clock.advance(1);
  expect(started).toBe(21);
  await clock.advance(500);
  await Promise.all(starts);
  await clock.advance(60_000);
  for (let i = 0; i < 25; i++) void start();
  await settle();
  expect(started).toBe(42);
  await expect(rate.take(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
});
