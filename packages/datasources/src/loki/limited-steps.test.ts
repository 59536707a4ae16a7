import { runToEnd, type Steps } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { limitedSteps } from "./limited-steps.ts";

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

test("work that takes longer than its limit ends with an error that names the remedy", () => {
  const limits = { clock: new TickingClock(), signal: new AbortController().signal, timeoutMs: 5000 };
  let last = 0;
  const steps = counted(100, (step) => (last = step));
  expect(() => runToEnd(limitedSteps(steps, limits))).toThrow(
    "the search for derived fields took more than 5 s; ask for fewer lines or simplify the patterns of the fields",
  );
  expect(last).toBe(5);
  expect(runToEnd(limitedSteps(counted(4), limits))).toBe("done");
});

test("work ends at the step at which its client disconnects", () => {
  const gone = new AbortController();
  let last = 0;
  const steps = counted(100, (step) => {
    last = step;
    if (step === 3) gone.abort(new Error("client is gone"));
  });
  const limits = { clock: new ManualClock(), signal: gone.signal, timeoutMs: 5000 };
  expect(() => runToEnd(limitedSteps(steps, limits))).toThrow("client is gone");
  expect(last).toBe(3);
});
