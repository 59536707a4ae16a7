import { Labels } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";

/** Counts the turns that a query takes when each look at the clock shows that a turn is over. */
async function turnsOf(text: string, storage: MemoryStorage, steps: number): Promise<number> {
  let now = 0;
  let turns = 0;
  const clock = { now: () => 0, monotonic: () => (now += 50), sleep: () => Promise.resolve(), after: () => () => {} };
  const yieldTurn = (): Promise<void> => {
    turns++;
    return Promise.resolve();
  };
  const range = { queryable: storage, start: 0, end: (steps - 1) * 1000, step: 1000, lookbackMs: 1e6 };
  await createEngine({ clock, timeoutMs: Infinity }).query({ ...range, text, yieldTurn });
  return turns;
}

test("a join, a choice and a quantile take turns within one group of many series", async () => {
  const storage = new MemoryStorage();
  for (let i = 0; i < 100; i++) await storage.load(Labels.of({ __name__: "many", i: String(i) }), [0], [i]);
  await storage.load(Labels.of({ __name__: "one" }), [0], [1]);
  const read = await turnsOf("many", storage, 2);
  const joined = await turnsOf("many * on() group_left() one", storage, 2);
  expect(joined).toBeGreaterThanOrEqual(read + 200);
  const few = await turnsOf("topk(1, many)", storage, 2);
  const chosen = await turnsOf("topk(1, many)", storage, 302);
  expect(chosen).toBeGreaterThanOrEqual(few + 300);
  const one = await turnsOf("quantile(0.5, many)", storage, 2);
  const quantiles = await turnsOf("quantile(0.5, many)", storage, 302);
  expect(quantiles).toBeGreaterThanOrEqual(one + 300);
});
