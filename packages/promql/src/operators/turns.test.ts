import { Labels } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";

/** Returns how often a query lets other work run if the clock advances far at each read. */
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

/** Counts how often a query reads the clock. */
async function looksOf(text: string, storage: MemoryStorage, steps: number): Promise<number> {
  let looks = 0;
  const clock = {
    now: () => 0,
    monotonic: () => (looks++, 0),
    sleep: () => Promise.resolve(),
    after: () => () => {},
  };
  const range = {
    queryable: storage,
    start: 3_000_000,
    end: 3_000_000 + (steps - 1) * 1000,
    step: 1000,
    lookbackMs: 1e6,
  };
  const engine = createEngine({
    clock,
    timeoutMs: Infinity,
    features: { experimentalFunctions: true, extendedRangeSelectors: true },
  });
  const result = await engine.query({ ...range, text, yieldTurn: () => Promise.resolve() });
  expect(result.warnings).toEqual([]);
  return looks;
}

const LONG_LOOPS = [
  "mad_over_time(long[3000s])",
  "quantile_over_time(0.5, long[3000s])",
  "double_exponential_smoothing(long[3000s], 0.5, 0.5)",
  "deriv(endless[3000s])",
  "predict_linear(endless[3000s], 60)",
  "sum_over_time(long[3000s])",
  "rate(long[3000s])",
  "rate(long[3000s] smoothed)",
];

test.each(LONG_LOOPS)("%s reads the clock repeatedly within one series", async (text) => {
  const storage = new MemoryStorage();
  const times = Array.from({ length: 3000 }, (_, i) => i * 1000);
  await storage.load(
    Labels.of({ __name__: "long" }),
    times,
    times.map((_, i) => i % 2),
  );
  await storage.load(
    Labels.of({ __name__: "endless" }),
    times,
    times.map((_, i) => (i % 100 === 0 ? Infinity : i)),
  );
  const few = await looksOf(text, storage, 1);
  expect(await looksOf(text, storage, 1500)).toBeGreaterThan(few);
});

test("a join, a choice and a quantile yield within a single group of many series", async () => {
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
