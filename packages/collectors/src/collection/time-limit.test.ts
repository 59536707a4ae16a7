import { exposeGc } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { deadline, TIMED_OUT } from "./time-limit.ts";

test("a deadline ends all tasks that run, and tasks that begin later", async () => {
  const clock = new ManualClock();
  const { within } = deadline(clock, 1000);
  const never = new Promise<string>(() => {});
  const running = [within(never), within(Promise.resolve("done"))];
  await clock.advance(1000);
  expect(await Promise.all([...running, within(never)])).toEqual([TIMED_OUT, "done", TIMED_OUT]);
  await expect(deadline(clock, 1000).within(Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("a deadline keeps no result of a task that has ended", async () => {
  const { within } = deadline(new ManualClock(), 1000);
  const result = async (): Promise<WeakRef<object>> => new WeakRef((await within(Promise.resolve({}))) as object);
  const ended = await result();
  await new Promise((resolve) => setImmediate(resolve));
  void exposeGc()!();
  expect(ended.deref()).toBeUndefined();
});
