import { EMPTY_HISTOGRAM, type FloatHistogram, Labels } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };
const engine = createEngine({ clock });

type Hint = FloatHistogram["resetHint"];

/**
 * Returns a storage of two series with two histograms each. `hints` has the counter reset hints of the first series,
 * then of the second.
 */
async function storageOf(hints: readonly Hint[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const app = storage.appender();
  for (const [i, resetHint] of hints.entries()) {
    const ref = app.series(Labels.of({ __name__: "h", i: i < 2 ? "a" : "b" }));
    app.appendHistogram(ref, (i % 2) * 1000, { ...EMPTY_HISTOGRAM, count: i, zeroCount: i, resetHint });
  }
  await app.commit();
  return storage;
}

const CONFLICT: readonly Hint[] = ["unknown", "reset", "unknown", "not-reset"];
const NONE: readonly Hint[][] = [
  ["reset", "reset", "unknown", "reset"],
  ["unknown", "not-reset", "not-reset", "not-reset"],
  ["unknown", "reset", "gauge", "unknown"],
];

test.each([
  ["sum(h)", "aggregation", CONFLICT],
  ["avg(h)", "aggregation", CONFLICT],
  ['h{i="a"} + on() h{i="b"}', "addition", CONFLICT],
  ['h{i="a"} - on() h{i="b"}', "subtraction", CONFLICT],
  ['sum_over_time(h{i="a"}[1m])', "aggregation", ["not-reset", "reset"] as const],
  ['avg_over_time(h{i="a"}[1m])', "aggregation", ["reset", "not-reset"] as const],
])("%s warns if hints of resets contradict each other", async (text, operation, conflict) => {
  const warningsOf = async (hints: readonly Hint[]): Promise<readonly string[]> =>
    (await engine.query({ queryable: await storageOf(hints), text, time: 1000 })).warnings;
  expect(await warningsOf(conflict)).toEqual([
    expect.stringContaining(`conflicting counter resets during histogram ${operation}`),
  ]);
  for (const hints of NONE) expect(await warningsOf(hints)).toEqual([]);
});
