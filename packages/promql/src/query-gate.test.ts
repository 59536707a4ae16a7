import { expect, test } from "vitest";
import { QueryGate } from "./query-gate.ts";

const NEVER = new AbortController().signal;

test("those who wait get the slots that are released, in their order, but not those who left", async () => {
  const gate = new QueryGate(2);
  const entered: string[] = [];
  const enter = (name: string, signal = NEVER): Promise<() => void> =>
    gate.take(signal).then((release) => (entered.push(name), release));
  const [first, second] = [await enter("a"), gate.tryAcquire()!];
  expect(gate.tryAcquire()).toBeUndefined();
  const leaving = new AbortController();
  const waiting = [enter("b"), enter("c", leaving.signal), enter("d")];
  expect(gate.waiting).toBe(3);
  leaving.abort(new Error("left"));
  await expect(waiting[1]).rejects.toThrow("left");
  await expect(enter("e", leaving.signal)).rejects.toThrow("left");
  expect([gate.waiting, entered]).toEqual([2, ["a"]]);
  // The second call releases nothing.
  first();
  first();
  const third = await waiting[0]!;
  expect([gate.waiting, entered]).toEqual([1, ["a", "b"]]);
  second();
  const fourth = await waiting[2]!;
  expect(entered).toEqual(["a", "b", "d"]);
  for (const release of [third, fourth]) release();
  expect([gate.tryAcquire(), gate.tryAcquire(), gate.tryAcquire()].map((release) => release !== undefined)).toEqual([
    true,
    true,
    false,
  ]);
});

test("a signal that is aborted after its turn takes no one else's place", async () => {
  const gate = new QueryGate(1);
  const entering = new AbortController();
  const release = gate.tryAcquire()!;
  const turn = gate.take(entering.signal);
  const last = gate.take(NEVER);
  release();
  const next = await turn;
  entering.abort();
  expect(gate.waiting).toBe(1);
  next();
  expect(await last).toBeTypeOf("function");
});
