import { runToEnd, type Steps } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { abortableSteps } from "./abortable-steps.ts";

/** A clock whose time advances by a second each time it is read. */
class TickingClock extends ManualClock {
  #ticks = 0;

  override monotonic(): number {
    return (this.#ticks += 1000);
  }
}

function* counted(steps: number, each: (step: number) => void = () => undefined): Steps<string> {
  for (let step = 1; step <= steps; step++) {
    each(step);
    yield;
  }
  return "done";
}

test("work that takes longer than its limit ends with the message of the limit", () => {
  const limit = { clock: new TickingClock(), timeoutMs: 5000, message: "ask for fewer lines" };
  const { signal } = new AbortController();
  let last = 0;
  const steps = counted(100, (step) => (last = step));
  expect(() => runToEnd(abortableSteps(steps, signal, limit))).toThrow("ask for fewer lines");
  expect(last).toBe(5);
  expect(runToEnd(abortableSteps(counted(4), signal, limit))).toBe("done");
  expect(runToEnd(abortableSteps(counted(100), signal))).toBe("done");
});

test("work ends at the step at which its client disconnects", () => {
  const limit = { clock: new ManualClock(), timeoutMs: 5000, message: "" };
  for (const one of [limit, undefined]) {
    const gone = new AbortController();
    let last = 0;
    const steps = counted(100, (step) => {
      last = step;
      if (step === 3) gone.abort(new Error("client is gone"));
    });
    expect(() => runToEnd(abortableSteps(steps, gone.signal, one))).toThrow("client is gone");
    expect(last).toBe(3);
  }
});
