import { expect, test } from "vitest";
import { runInTimeSlices, runStepByStep, runToEnd, type Steps } from "./time-slice.ts";
import { systemClock } from "./clock.ts";

/** Returns a task with steps of a millisecond each, on a clock that the task itself advances. */
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

test("short work is completed at once", () => {
  const { clock, work } = working(9);
  expect(runInTimeSlices(clock, work())).toBe("done");
});

test("long work yields every ten milliseconds, unless it is run to its end", async () => {
  const { clock, pauses, work } = working(35);
  expect(await runInTimeSlices(clock, work())).toBe("done");
  expect(pauses).toEqual([10, 20, 30]);
  expect(runToEnd(work())).toBe("done");
  expect(pauses).toHaveLength(3);
});

test("an error after a yield is passed on to the caller", async () => {
  const { clock, work } = working(20);
  function* failing(): Steps<string> {
    yield* work();
    throw new Error("no");
  }
  await expect(runInTimeSlices(clock, failing())).rejects.toThrow("no");
});

test("a task that runs step by step yields after each step", async () => {
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
