import { expect, test } from "vitest";
import { IdleMachine } from "./idle-machine.ts";

test("the machine has room while more than a fifth of its CPU time is unused, and memory is free", () => {
  const times = { idle: 0, all: 0 };
  let free = 0.5;
  const machine = new IdleMachine(
    () => ({ ...times }),
    () => free,
  );
  const isIdleAfter = (idle: number): boolean => {
    times.idle += idle;
    times.all += 1000;
    return machine.isIdle();
  };
  expect([isIdleAfter(200), isIdleAfter(201), isIdleAfter(0)]).toEqual([false, true, false]);
  free = 0.25;
  expect(isIdleAfter(1000)).toBe(false);
});
