import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { QueryGate } from "./query-gate.ts";

const NEVER = new AbortController().signal;

/** A QueryGate that records which queries may run, and functions that end these queries. */
class Rig {
  readonly entered: string[] = [];
  readonly releases = new Map<string, () => void>();
  readonly refused: string[] = [];
  readonly gate: QueryGate;

  constructor(count: number) {
    this.gate = new QueryGate(count);
  }

  async enter(name: string, signal = NEVER): Promise<void> {
    try {
      this.releases.set(name, await this.gate.take(signal));
      this.entered.push(name);
    } catch (reason) {
      this.refused.push(`${name}: ${(reason as Error).message}`);
    }
  }

  async release(name: string): Promise<void> {
    this.releases.get(name)!();
    await setImmediate();
  }
}

test("waiting queries get released slots in order, and queries that stopped waiting get none", async () => {
  const rig = new Rig(2);
  const { gate, entered } = rig;
  const release = gate.tryAcquire()!;
  const leaving = new AbortController();
  for (const name of ["a", "b", "left", "c"]) void rig.enter(name, name === "left" ? leaving.signal : NEVER);
  await setImmediate();
  expect([gate.waiting, entered, gate.tryAcquire()]).toEqual([3, ["a"], undefined]);
  leaving.abort(new Error("gone"));
  void rig.enter("late", leaving.signal);
  await setImmediate();
  expect([gate.waiting, rig.refused]).toEqual([2, ["late: gone", "left: gone"]]);
  // Releases the slot twice. The second release must have no effect.
  for (let time = 0; time < 2; time++) await rig.release("a");
  expect([gate.waiting, entered]).toEqual([1, ["a", "b"]]);
  release();
  await rig.release("b");
  expect([gate.waiting, entered]).toEqual([0, ["a", "b", "c"]]);
  await rig.release("c");
  const free = [1, 2, 3].map(() => gate.tryAcquire() !== undefined);
  expect(free).toEqual([true, true, false]);
});

test("a signal that is aborted after its query entered does not affect other queries", async () => {
  const rig = new Rig(1);
  const release = rig.gate.tryAcquire()!;
  const entering = new AbortController();
  void rig.enter("a", entering.signal);
  void rig.enter("b");
  release();
  await setImmediate();
  entering.abort();
  expect([rig.gate.waiting, rig.entered]).toEqual([1, ["a"]]);
  await rig.release("a");
  expect(rig.entered).toEqual(["a", "b"]);
});
