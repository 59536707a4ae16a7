import { expect, test } from "vitest";
import { Mutex } from "./mutex.ts";

test("runExclusive() runs tasks one at a time and in order, and returns their results and errors", async () => {
  const mutex = new Mutex();
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const task = (name: string, work: () => Promise<unknown>) => () => {
    events.push(`${name} begins`);
    return work().finally(() => events.push(`${name} ends`));
  };
  const first = mutex.runExclusive(task("first", async () => gate.promise.then(() => 1)));
  const second = mutex.runExclusive(task("second", () => Promise.reject(new Error("no"))));
  const third = mutex.runExclusive(task("third", () => Promise.resolve(3)));
  const failure = expect(second).rejects.toThrow("no");
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(["first begins"]);
  gate.resolve();
  expect([await first, await third]).toEqual([1, 3]);
  await failure;
  expect(events).toEqual(["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test("a task of an idle mutex begins at once, and its error rejects the promise the promise", async () => {
  const mutex = new Mutex();
  let done = false;
  const running = mutex.runExclusive(() => (done = true));
  expect([done, mutex.idle]).toEqual([true, false]);
  await running;
  expect(mutex.idle).toBe(true);
  const failing = mutex.runExclusive(() => {
    throw new Error("at once");
  });
  await expect(failing).rejects.toThrow("at once");
  expect(mutex.idle).toBe(true);
});

test("settled() waits for all earlier tasks, including failed ones", async () => {
  const mutex = new Mutex();
  const gate = Promise.withResolvers<void>();
  const failing = expect(mutex.runExclusive(() => gate.promise)).rejects.toThrow("late");
  let settled = false;
  const waiting = mutex.settled().then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  gate.reject(new Error("late"));
  await failing;
  await waiting;
  expect(settled).toBe(true);
});
