import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type Attempt, FailureBackoff } from "./failure-backoff.ts";

/** Begins a request. Fails if the backoff does not currently allow a request. */
function begun(backoff: FailureBackoff): Attempt {
  const attempt = backoff.begin();
  if (typeof attempt === "string") throw new Error(attempt);
  return attempt;
}

test("requests to a failed server are sent after pauses that double, up to a minute", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    begun(backoff).failed("gone");
    let waited = 0;
    for (; String(backoff.pause).includes("not asked again"); waited++) await clock.advance(1000);
    pauses.push(waited);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  begun(backoff).succeeded();
  expect([backoff.isWell, typeof backoff.begin()]).toEqual([true, "object"]);
});

test("after a pause one request tries the server; the others get the reason why they are not sent", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  begun(backoff).failed("gone");
  expect(backoff.begin()).toBe("gone (not asked again for 1s)");
  await clock.advance(1000);
  const trial = begun(backoff);
  expect(backoff.begin()).toBe("gone (being asked again)");
  trial.left();
  begun(backoff);
});

test("requests that fail at the same time are counted as one failure", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  const attempts = Array.from({ length: 5 }, () => begun(backoff));
  await clock.advance(10);
  for (const attempt of attempts) attempt.failed("slow");
  expect(backoff.begin()).toBe("slow (not asked again for 1s)");
});

test("only the result of the trial decides whether the server works again", async () => {
  const clock = new ManualClock();
  const backoff = new FailureBackoff(clock);
  const [first, second, third] = [begun(backoff), begun(backoff), begun(backoff)];
  first.failed("gone");
  await clock.advance(1000);
  const trial = begun(backoff);
  second.failed("slow");
  expect(backoff.begin()).toBe("slow (being asked again)");
  third.left();
  expect(backoff.begin()).toBe("slow (being asked again)");
  trial.failed("gone");
  expect(backoff.begin()).toBe("gone (not asked again for 2s)");
});
