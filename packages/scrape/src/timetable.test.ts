import { ManualClock } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Alarm, Timetable } from "./timetable.ts";

test("alarms ring once each at their time, however they are set, moved and taken back", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ alarm: fc.nat(20), due: fc.nat(500), cancel: fc.boolean() }), { maxLength: 100 }),
      async (steps) => {
        const clock = new ManualClock();
        const table = new Timetable(clock);
        const rung: number[][] = [];
        const alarms = Array.from({ length: 21 }, (_, i) => new Alarm(() => rung.push([clock.monotonic(), i])));
        const expected = new Map<number, number>();
        for (const { alarm, due, cancel } of steps) {
          if (cancel) {
            table.cancel(alarms[alarm]!);
            expected.delete(alarm);
          } else {
            table.set(alarms[alarm]!, due * 2);
            expected.set(alarm, due * 2);
          }
        }
        await clock.advance(1000);
        const byTime = ([a = 0, i = 0]: number[], [b = 0, j = 0]: number[]): number => a - b || i - j;
        expect(rung.toSorted(byTime)).toEqual([...expected].map(([alarm, due]) => [due, alarm]).toSorted(byTime));
        expect(rung.map(([time]) => time)).toEqual(rung.map(([time]) => time!).toSorted((a, b) => a - b));
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 30 },
  ));

test("an alarm that sets itself again rings again; one timer serves all", async () => {
  const clock = new ManualClock();
  const table = new Timetable(clock);
  const times: number[] = [];
  const again = new Alarm(() => {
    times.push(clock.monotonic());
    if (times.length < 3) table.set(again, clock.monotonic() + 10);
  });
  table.set(again, 10);
  table.set(new Alarm(() => undefined), 500);
  expect(clock.pending).toBe(1);
  await clock.advance(100);
  expect(times).toEqual([10, 20, 30]);
});

test("many alarms due at once leave others a turn in between", async () => {
  const manual = new ManualClock();
  let slow = 0;
  const clock = {
    now: () => manual.now(),
    monotonic: () => manual.monotonic() + slow,
    sleep: (ms: number, signal?: AbortSignal) => manual.sleep(ms, signal),
    after: (ms: number, run: () => void) => manual.after(ms, run),
  };
  const table = new Timetable(clock);
  let rung = 0;
  for (let i = 0; i < 20; i++) {
    table.set(
      new Alarm(() => {
        rung++;
        slow += 1;
      }),
      10,
    );
  }
  const seen: number[] = [];
  manual.after(10, () => seen.push(rung));
  await manual.advance(10);
  expect([...seen, rung]).toEqual([6, 20]);
});
