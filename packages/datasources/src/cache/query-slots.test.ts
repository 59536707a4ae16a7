import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { QuerySlots } from "./query-slots.ts";

const never = (): AbortSignal => new AbortController().signal;

/** Queries that end when they are told to. */
function slotsOf(perUser: number, perSource: number, waiting = 100) {
  const clock = new ManualClock();
  const slots = new QuerySlots({ perUser, perSource, waiting }, clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, user: string, source: string, signal = never()): Promise<string> =>
    slots.run(user, source, signal, () => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  return { clock, slots, begun, run, end: (name: string) => ends.get(name)!() };
}

test("a user, and a source, has so many queries at a time; others pass those who wait", async () => {
  const { slots, begun, run, end } = slotsOf(1, 2);
  const all = [run("a1", "ann", "s"), run("a2", "ann", "t"), run("b1", "bob", "s"), run("c1", "cyd", "s")];
  await Promise.resolve();
  expect([begun, slots.running, slots.waiting]).toEqual([["a1", "b1"], 2, 2]);
  end("a1");
  await all[0];
  await Promise.resolve();
  expect(begun).toEqual(["a1", "b1", "a2"]);
  end("b1");
  await all[2];
  await Promise.resolve();
  expect(begun).toEqual(["a1", "b1", "a2", "c1"]);
  end("a2");
  end("c1");
  await Promise.all(all);
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test("who leaves while waiting never runs; who finds too many waiting is told", async () => {
  const { begun, run, end, slots } = slotsOf(1, 1, 1);
  const first = run("a", "ann", "s");
  const leaving = new AbortController();
  const second = run("b", "ann", "s", leaving.signal);
  await expect(run("c", "ann", "s")).rejects.toThrow("1 queries are waiting already");
  leaving.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  end("a");
  await first;
  expect([begun, slots.waiting]).toEqual([["a"], 0]);
});

test("what a user's queries take is added up, failures too", async () => {
  const { clock, slots, run, end } = slotsOf(4, 4);
  const first = run("a", "ann", "s");
  await clock.advance(2000);
  end("a");
  await first;
  await expect(slots.run("ann", "s", never(), () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(Object.fromEntries(slots.times)).toEqual({ ann: { queries: 2, seconds: 2 } });
});
