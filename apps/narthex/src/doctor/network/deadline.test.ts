import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { withinDeadline } from "./deadline.ts";

test("withinDeadline() passes on a result in time, and leaves no timer", async () => {
  const clock = new ManualClock();
  expect(await withinDeadline(clock, 10, Promise.resolve("x"))).toBe("x");
  await expect(withinDeadline(clock, 10, Promise.reject(new Error("odd")))).rejects.toThrow("odd");
  expect(clock.pending).toBe(0);
});

test("withinDeadline() does not wait longer than its limit", async () => {
  const clock = new ManualClock();
  const answer = withinDeadline(clock, 10, new Promise(() => undefined)).catch((error: unknown) => String(error));
  await clock.advance(9);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await answer).toContain("context deadline exceeded");
});
