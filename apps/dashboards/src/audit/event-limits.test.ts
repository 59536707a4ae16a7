import { expect, test } from "vitest";
import { EventLimits } from "./event-limits.ts";

test("a client has 30 events a minute, all clients together 300; the next window counts what was omitted", () => {
  const limits = new EventLimits();
  const admitted = (client: string, times: number, now: number): number =>
    Array.from({ length: times }, () => limits.admit(client, now)).filter((one) => one !== undefined).length;
  expect(admitted("a", 40, 0)).toBe(30);
  expect(limits.admit("b", 59_999)).toBe(0);
  expect(limits.admit("a", 60_000)).toBe(10);
  expect(limits.admit("a", 60_000)).toBe(0);
  let others = 0;
  for (let i = 0; i < 20; i++) others += admitted(`client ${i}`, 20, 60_001);
  expect([others, admitted("late", 5, 119_999), admitted("late", 5, 120_000)]).toEqual([298, 0, 5]);
  // Clients beyond the maximum number of separate counters share one counter.
  for (let i = 0; i < 2000; i++) limits.admit(`many ${i}`, 200_000);
  expect(limits.admit("one more", 200_000)).toBeUndefined();
  // A new window begins if the clock was set back.
  expect(limits.admit("a", 100)).toBeGreaterThan(1000);
});
