import { expect, test } from "vitest";
import { Deadline, type EngineClock, eventLoopYielder } from "./deadline.ts";

/** A clock that counts how often it was read. */
class CountedClock implements EngineClock {
  ms = 0;
  looks = 0;

  now(): number {
    return this.ms;
  }

  monotonic(): number {
    this.looks++;
    return this.ms;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  after(): () => void {
    return () => {};
  }
}

function evaluation(timeoutMs = 60_000): { clock: CountedClock; turns: () => number; batch: () => Promise<void> } {
  const clock = new CountedClock();
  let turns = 0;
  const yieldToEventLoop = eventLoopYielder(clock, new Deadline(clock, timeoutMs, undefined), async () => {
    turns++;
  });
  return { clock, turns: () => turns, batch: async () => yieldToEventLoop() };
}

test("the clock is not read after each batch if batches are fast", async () => {
  const { clock, turns, batch } = evaluation();
  for (let i = 0; i < 8000; i++) {
    clock.ms += 0.001;
    await batch();
  }
  expect(clock.looks).toBeLessThan(1100);
  expect(turns()).toBe(0);
  clock.ms += 8;
  for (let i = 0; i < 8; i++) await batch();
  expect(turns()).toBe(1);
});

test("the clock is read after each batch if batches are slow, and at least after every eighth batch", async () => {
  const { clock, turns, batch } = evaluation();
  for (let i = 0; i < 1000; i++) await batch();
  let unlooked = 0;
  for (; turns() === 0; unlooked++) {
    clock.ms += 9;
    await batch();
  }
  expect(unlooked).toBeLessThanOrEqual(8);
  for (let i = 0; i < 20; i++) {
    clock.ms += 9;
    await batch();
  }
  expect(turns()).toBe(21);
});

test("a query that exceeds its time ends within eight batches", async () => {
  const { clock, batch } = evaluation(1000);
  for (let i = 0; i < 100; i++) await batch();
  clock.ms = 1000;
  const rest = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) await batch();
  };
  await expect(rest()).rejects.toThrow("query timed out in query queue");
});
