import { Labels } from "@narthex/model";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { SampleBudget } from "./budget.ts";
import type { EngineClock } from "./deadline.ts";
import { createEngine } from "./engine.ts";

/** Stands still. */
const clock: EngineClock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

test("a budget counts what is held, in samples and in bytes, and remembers the peak", () => {
  const budget = new SampleBudget(10, 200);
  budget.take(4);
  budget.take(2, 100);
  expect([budget.current, budget.bytes, budget.peak]).toEqual([6, 164, 6]);
  budget.release(2, 100);
  budget.release(4);
  expect([budget.current, budget.bytes, budget.peak]).toEqual([0, 0, 6]);
  expect(() => budget.refuseSteps(2 ** 21)).toThrow(/too many samples/);
  budget.refuseSteps(11);
  expect(() => budget.take(1, 201)).toThrow(/more than 0 MiB in memory.*--query.max-bytes/);
});

test("a few samples over many steps are counted by what their columns take", async () => {
  const storage = new MemoryStorage();
  const app = storage.appender();
  const batch = createSampleBatch(200);
  for (let i = 0; i < 200; i++) batch.refs[batch.count++] = app.series(Labels.of({ __name__: "once", i: String(i) }));
  app.append(batch);
  await app.commit();
  const range = { text: "once", queryable: storage, start: 0, end: 10_000_000, step: 1000, lookbackMs: 1000 };
  const engine = createEngine({ clock, maxSamples: 5000, maxBytes: 2 ** 20 });
  await expect(engine.query({ ...range, end: 1_000_000 })).rejects.toThrow("more than 1 MiB in memory");
  expect((await engine.query({ ...range, end: 100_000 })).series).toHaveLength(200);
});
