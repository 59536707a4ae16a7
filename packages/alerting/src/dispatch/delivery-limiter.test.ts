import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { DeliveryLimiter } from "./delivery-limiter.ts";
import type { Delivery } from "@narthex/notification";

const SENT: Delivery = { kind: "sent" };
const FAILED: Delivery = { kind: "retry", reason: "x", failure: "other" };
const NEVER = new AbortController().signal;

/**
 * Requests `count` delivery attempts at the same time. Each attempt takes `ms` and ends with `result`. Returns the
 * second at which the limiter let each attempt start.
 */
function crowd(limiter: DeliveryLimiter, clock: ManualClock, count: number, result: Delivery, ms = 0, signal = NEVER) {
  const started: number[] = [];
  for (let i = 0; i < count; i++) {
    void limiter.acquire(signal).then(
      async () => {
        started.push(clock.monotonic() / 1000);
        await clock.sleep(ms);
        limiter.release(result);
      },
      () => undefined,
    );
  }
  return started;
}

test("a healthy integration accepts hundreds of attempts at once", async () => {
  const clock = new ManualClock();
  const started = crowd(new DeliveryLimiter(clock), clock, 512, SENT, 1000);
  await clock.advance(0);
  expect(started.length).toBe(512);
});

test("attempts beyond the limit wait in order, and stop waiting when their flush ends", async () => {
  const clock = new ManualClock();
  const limiter = new DeliveryLimiter(clock);
  const first = crowd(limiter, clock, 512, SENT, 1000);
  const over = new AbortController();
  const given = crowd(limiter, clock, 3, SENT, 0, over.signal);
  const next = crowd(limiter, clock, 5, SENT);
  await clock.advance(500);
  expect([first.length, given.length, next.length, limiter.waiting]).toEqual([512, 0, 0, 8]);
  over.abort(new Error("context deadline exceeded"));
  await clock.advance(600);
  expect([given.length, next, limiter.waiting]).toEqual([0, [1, 1, 1, 1, 1], 0]);
});

test("attempts at a service that keeps failing are paced, until one succeeds", async () => {
  const clock = new ManualClock();
  const limiter = new DeliveryLimiter(clock);
  crowd(limiter, clock, 16, FAILED);
  await clock.advance(1000);
  const failing = crowd(limiter, clock, 300, FAILED);
  await clock.advance(2000);
  expect([failing.length, failing[1]! - failing[0]!]).toEqual([201, expect.closeTo(0.01, 6)]);
  await clock.advance(2000);
  const healed = crowd(limiter, clock, 300, SENT);
  await clock.advance(100);
  expect(healed.length).toBe(300);
});
