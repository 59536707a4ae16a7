import { expect, test } from "vitest";
import { runInTimeSlices, runStepByStep, runToEnd, type Steps } from "./time-slice.ts";
import { systemClock } from "./clock.ts";

/** Steps of a millisecond each, on a clock that the work itself moves. */
function working(steps: number) {
  let now = 0;
  const pauses: number[] = [];
  const clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: async () => void pauses.push(now),
  };
  function* work(): Steps<string> {
    for (let i = 0; i < steps; i++) {
      now++;
      yield;
    }
    return "done";
  }
  return { clock, pauses, work };
}

test("short work is done at once", () => {
  const { clock, work } = working(9);
  expect(runInTimeSlices(clock, work())).toBe("done");
});

test("long work pauses every ten milliseconds, and not if it is to be finished", async () => {
  const { clock, pauses, work } = working(35);
  expect(await runInTimeSlices(clock, work())).toBe("done");
  expect(pauses).toEqual([10, 20, 30]);
  expect(runToEnd(work())).toBe("done");
  expect(pauses).toHaveLength(3);
});

test("what work throws after a pause reaches who waits for it", async () => {
  const { clock, work } = working(20);
  function* failing(): Steps<string> {
    yield* work();
    throw new Error("no");
  }
  await expect(runInTimeSlices(clock, failing())).rejects.toThrow("no");
});

test("a task that runs step by step lets others have their turn after each", async () => {
  const order: string[] = [];
  function* steps(): Steps<string> {
    for (const step of ["first", "second"]) {
      order.push(step);
      setImmediate(() => order.push("other"));
      yield;
    }
    return "done";
  }
  expect(await runStepByStep(steps())).toBe("done");
  expect(order).toEqual(["first", "other", "second", "other"]);
});
