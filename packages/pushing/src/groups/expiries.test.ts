import type { Clock } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Expiries } from "./expiries.ts";

test("Expiries calls back keys in the order of their times", async () => {
  const clock = new ManualClock(0);
  const called: string[] = [];
  const expiries = new Expiries(clock, (key) => called.push(`${key} at ${clock.now()}`));
  for (const [key, atMs] of [
    ["c", 300],
    ["a", 100],
    ["d", 400],
    ["b", 200],
  ] as const)
    expiries.add(key, atMs);
  await clock.advance(250);
  await clock.advance(50);
  expiries.stop();
  await clock.advance(1000);
  expect(called).toEqual(["a at 100", "b at 200", "c at 300"]);
});

test("Expiries keeps one time for a key that is postponed repeatedly, and observes an earlier time", async () => {
  const clock = new ManualClock(0);
  const called: number[] = [];
  const expiries = new Expiries(clock, () => called.push(clock.now()));
  for (let atMs = 1000; atMs < 2000; atMs++) expiries.add("key", atMs);
  expect(expiries.size).toBe(1);
  expiries.add("key", 500);
  await clock.advance(500);
  expect(called).toEqual([500]);
});

test("Expiries notices within a minute that the clock was set forward, and calls back nothing early if it was set back", async () => {
  const clock = new ManualClock(0);
  let setByMs = 0;
  const set: Clock = {
    now: () => clock.now() + setByMs,
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, run) => clock.after(ms, run),
  };
  const called: string[] = [];
  const expiries = new Expiries(set, (key) => called.push(key));
  expiries.add("a", 3_600_000);
  setByMs = -1_800_000;
  await clock.advance(3_600_000);
  expect(called).toEqual([]);
  setByMs = 0;
  await clock.advance(60_000);
  expect(called).toEqual(["a"]);
});
