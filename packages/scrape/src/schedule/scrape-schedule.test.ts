import { Labels } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { firstDelay, offsetSeed, ScrapeSchedule } from "./scrape-schedule.ts";

const signal = new AbortController().signal;

test("firstDelay() leads to the same phase of the wall clock whenever it is called, within one interval", () =>
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
        // The tolerance of 0.01 ms allows for rounding, because a double represents wall times to about 0.0005 ms.
        expect(Math.min(apart, interval - apart)).toBeLessThan(0.01);
      },
    ),
  ));

test("offsetSeed() depends on hosts and external labels", () => {
  const seeds = [offsetSeed("a", Labels.EMPTY), offsetSeed("b", Labels.EMPTY), offsetSeed("a", Labels.of({ x: "y" }))];
  expect(new Set(seeds).size).toBe(3);
});

test("timestamps are whole intervals apart if timers fire within the tolerance, and are real times otherwise", () => {
  const clock = new ManualClock(1000.4);
  const schedule = new ScrapeSchedule(clock, 10_000);
  const at = (now: number): number => {
    clock.setWall(now);
    return schedule.timestamp();
  };
  expect([at(1000.4), at(11_001.9), at(31_007), at(41_000.5), at(61_001), at(80_999.9)]).toEqual([
    1000, 11_000, 31_007, 41_000, 61_000, 80_999,
  ]);
});

/** A clock whose timers fire earlier or later than requested. The offsets are in ms. */
class UnevenClock implements Clock {
  time: number;
  readonly #offsets: number[];

  constructor(start: number, offsets: readonly number[]) {
    this.time = start;
    this.#offsets = [...offsets];
  }

  now(): number {
    return 1_700_000_000_000 + this.time;
  }

  monotonic(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.time += Math.max(0, ms + (this.#offsets.shift() ?? 0));
    return Promise.resolve();
  }

  after(): () => void {
    return () => undefined;
  }
}

test("each tick occurs once, whatever the timers, and its timestamp is later than the last one's", () =>
  fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.constantFrom(100, 333, 1000, 1500, 3000),
      fc.array(fc.oneof(fc.double({ min: -1, max: 3, noNaN: true }), fc.integer({ min: 0, max: 4000 })), {
        maxLength: 40,
      }),
      async (start, interval, offsets) => {
        const clock = new UnevenClock(start, offsets);
        const schedule = new ScrapeSchedule(clock, interval);
        let last = schedule.timestamp();
        for (const offset of offsets) {
          const before = clock.time;
          await schedule.tick(signal);
          const timestamp = schedule.timestamp();
          expect(timestamp).toBeGreaterThan(last);
          // A second scrape may follow at once only if the first scrape was late.
          if (offset < 3) expect(clock.time).toBeGreaterThanOrEqual(before);
          last = timestamp;
        }
        const elapsed = (clock.time - start) / interval;
        expect(offsets.length).toBeLessThanOrEqual(elapsed + 0.02);
      },
    ),
    // In this example the second timer fires when the seventh scrape is due. Because a double is rounded, the timer
    // seems to fire slightly early.
    { examples: [[0.000014928559949112243, 333, [0, 1665, 0]]] },
  ));

test("if ticks are missed while a scrape runs, one occurs at once and the others are dropped", async () => {
  const clock = new ManualClock(0);
  const schedule = new ScrapeSchedule(clock, 10);
  const ticks: number[] = [];
  const run = (async () => {
    for (let i = 0; i < 4; i++) {
      await schedule.tick(signal);
      ticks.push(clock.monotonic());
      if (i === 0) await clock.sleep(35);
    }
  })();
  await clock.advance(70);
  await run;
  expect(ticks).toEqual([10, 45, 50, 60]);
});
