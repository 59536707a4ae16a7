import { ManualClock } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Timer, TimerHeap } from "./timer-heap.ts";

test("timers fire once each at their time, however they are set, moved and cancelled", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ timer: fc.nat(20), due: fc.nat(500), cancel: fc.boolean() }), { maxLength: 100 }),
      async (steps) => {
        const clock = new ManualClock();
        const table = new TimerHeap(clock);
        const fired: number[][] = [];
        const timers = Array.from({ length: 21 }, (_, i) => new Timer(() => fired.push([clock.monotonic(), i])));
        const expected = new Map<number, number>();
        for (const { timer, due, cancel } of steps) {
          if (cancel) {
            table.cancel(timers[timer]!);
            expected.delete(timer);
          } else {
            table.set(timers[timer]!, due * 2);
            expected.set(timer, due * 2);
          }
        }
        await clock.advance(1000);
        const byTime = ([a = 0, i = 0]: number[], [b = 0, j = 0]: number[]): number => a - b || i - j;
        expect(fired.toSorted(byTime)).toEqual([...expected].map(([timer, due]) => [due, timer]).toSorted(byTime));
        expect(fired.map(([time]) => time)).toEqual(fired.map(([time]) => time!).toSorted((a, b) => a - b));
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 30 },
  ));

test("a timer that sets itself again fires again, with a single timer of the clock", async () => {
  const clock = new ManualClock();
  const table = new TimerHeap(clock);
  const times: number[] = [];
  const again = new Timer(() => {
    times.push(clock.monotonic());
    if (times.length < 3) table.set(again, clock.monotonic() + 10);
  });
  table.set(again, 10);
  table.set(new Timer(() => undefined), 500);
  expect(clock.pending).toBe(1);
  await clock.advance(100);
  expect(times).toEqual([10, 20, 30]);
});

test("if a large number of timers are due at once, the heap yields to other work between them", async () => {
  const manual = new ManualClock();
  let slow = 0;
  const clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic() + slow,
    sleep: (ms: number, signal?: AbortSignal) => manual.sleep(ms, signal),
    after: (ms: number, run: () => void) => manual.after(ms, run),
  };
  const table = new TimerHeap(clock);
  let fired = 0;
  for (let i = 0; i < 20; i++) {
    table.set(
      new Timer(() => {
        fired++;
        slow += 1;
      }),
      10,
    );
  }
  const seen: number[] = [];
  manual.after(10, () => seen.push(fired));
  await manual.advance(10);
  expect([...seen, fired]).toEqual([6, 20]);
});
