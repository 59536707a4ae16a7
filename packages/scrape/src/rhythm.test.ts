import { Labels } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { firstDelay, offsetSeed, Rhythm } from "./rhythm.ts";

const signal = new AbortController().signal;

test("firstDelay() leads to the same phase of the wall clock whenever it is asked, within one interval", () =>
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 120 }),
      fc.nat(1e9),
      fc.nat(1e9),
      (hash, seconds, a, b) => {
        const interval = seconds * 1000;
        const phase = (now: number): number => {
          const delay = firstDelay(now, interval, hash, 7n);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(interval);
          return (now + delay) % interval;
        };
        const apart = Math.abs(phase(1.7e12 + a) - phase(1.7e12 + b));
        // A double holds wall times to about 0.0005 ms.
        expect(Math.min(apart, interval - apart)).toBeLessThan(0.01);
      },
    ),
  ));

test("offsetSeed() tells hosts and external labels apart", () => {
  const seeds = [offsetSeed("a", Labels.EMPTY), offsetSeed("b", Labels.EMPTY), offsetSeed("a", Labels.of({ x: "y" }))];
  expect(new Set(seeds).size).toBe(3);
});

test("timestamps stay whole intervals apart while timers ring within the tolerance, and are real beyond it", () => {
  const clock = new ManualClock(1000.4);
  const rhythm = new Rhythm(clock, 10_000);
  const at = (now: number): number => {
    clock.setWall(now);
    return rhythm.timestamp();
  };
  expect([at(1000.4), at(11_001.9), at(20_999.9), at(31_007), at(41_000.5), at(61_001)]).toEqual([
    1000, 11_000, 21_000, 31_007, 41_000, 61_000,
  ]);
});

test("ticks missed while a scrape runs are dropped but for one, which comes at once", async () => {
  const clock = new ManualClock(0);
  const rhythm = new Rhythm(clock, 10);
  const ticks: number[] = [];
  const run = (async () => {
    for (let i = 0; i < 4; i++) {
      await rhythm.tick(signal);
      ticks.push(clock.monotonic());
      if (i === 0) await clock.sleep(35);
    }
  })();
  await clock.advance(70);
  await run;
  expect(ticks).toEqual([10, 45, 50, 60]);
});
