import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { CrashCount } from "./crash-count.ts";

test("a plugin that crashes repeatedly must wait longer each time before it starts again", async () => {
  const clock = new ManualClock(0);
  const crashes = new CrashCount(clock);
  const wait = (): string => {
    try {
      crashes.check("sample");
      return "starts";
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (let crash = 0; crash < 2; crash++) crashes.add();
  expect(wait()).toBe("starts");
  crashes.add();
  expect(wait()).toBe('the plugin "sample" has crashed 3 times; it starts again in 5 s');
  await clock.advance(5000);
  expect(wait()).toBe("starts");
  crashes.add();
  expect(wait()).toContain("in 10 s");
  for (let crash = 0; crash < 20; crash++) crashes.add();
  expect(wait()).toContain("in 300 s");
  await clock.advance(601_000);
  crashes.add();
  expect(wait()).toBe("starts");
});
