import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { FailureBackoff } from "./failure-backoff.ts";

test("a server that failed is asked again after pauses that double, up to a minute", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    expect(backoff.pause).toBeUndefined();
    backoff.failed("gone", clock.monotonic());
    let waited = 0;
    for (; backoff.pause?.includes("not asked again") === true; waited++) await clock.advance(1000);
    backoff.left();
    pauses.push(waited);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(backoff.pause).toBeUndefined();
  backoff.succeeded();
  expect([backoff.isWell, backoff.pause]).toEqual([true, undefined]);
});

test("one request tries; the others are told why they do not ask", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  backoff.failed("gone", clock.monotonic());
  expect(backoff.pause).toBe("gone (not asked again for 1s)");
  await clock.advance(1000);
  expect([backoff.pause, backoff.pause]).toEqual([undefined, "gone (being asked again)"]);
  backoff.left();
  expect(backoff.pause).toBeUndefined();
});

test("of requests that fail together one counts", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  const since = clock.monotonic();
  await clock.advance(10);
  for (let i = 0; i < 5; i++) backoff.failed("slow", since);
  expect(backoff.pause).toBe("slow (not asked again for 1s)");
});
