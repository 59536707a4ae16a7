import { expect, test } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { PageReturn } from "./page-return.ts";

test("pages are returned after the start and at intervals, but not after stop()", async () => {
  const clock = new ManualClock();
  let returned = 0;
  const part = new PageReturn(clock, async () => void returned++);
  await clock.advance(4999);
  expect(returned).toBe(0);
  await clock.advance(1);
  expect(returned).toBe(1);
  await clock.advance(120_000);
  expect(returned).toBe(3);
  part.stop();
  await clock.advance(120_000);
  expect(returned).toBe(3);
});
