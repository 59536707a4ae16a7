import { setImmediate } from "node:timers/promises";
import { Labels } from "@narthex/model";
import { createSampleBatch } from "@narthex/storage";
import type { Tsdb } from "@narthex/tsdb";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../testing/reuse-store.ts";
import { openTestLane, type TestLane } from "../testing/test-lane.ts";
import type { JsonResponse, QueryRequest } from "./query-lane.ts";

const MIB = 1024 * 1024;
const STEP = 60_000;
const BLOCK = 30 * STEP;
const START = BLOCK * 900_000;
const STEPS = 240;
/** Number of series with which a query reads too many samples for the main thread. */
const MANY = 1100;
/** Memory in bytes for cached results, enough for all results of a test in each of the two threads. */
const CACHE_BYTES = 128 * MIB;

/** Opens a database whose queries run on two threads that cache results. */
async function openLane(): Promise<{ readonly db: Tsdb; readonly lane: TestLane }> {
  const { dir, db } = await openStore({
    minBlockDurationMs: BLOCK,
    maxBlockDurationMs: BLOCK * 9,
    outOfOrderTimeWindowMs: STEPS * STEP,
  });
  const lane = openTestLane({ dir, db, [Symbol.asyncDispose]: () => db.close() }, { resultCacheBytes: CACHE_BYTES });
  onTestFinished(() => lane.end());
  return { db, lane };
}

async function append(db: Tsdb, step: number, instance: string, count = 1): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(count);
  for (; batch.count < count; batch.count++) {
    batch.refs[batch.count] = app.series(Labels.of({ __name__: "steady", instance, number: `${batch.count}` }));
    batch.timestamps[batch.count] = START + step * STEP;
    batch.values[batch.count] = 1;
  }
  app.append(batch);
  await app.commit();
}

async function textOf({ first, rest, end, release }: JsonResponse): Promise<string> {
  const pieces = [first];
  if (rest !== undefined) for await (const piece of rest) pieces.push(piece);
  const text = Buffer.concat([...pieces, end("}")]).toString();
  release();
  return text;
}

/** Returns how many series have a sample at each evaluation time. */
async function countsOf(lane: TestLane, to: number): Promise<number[]> {
  // Uses a lookback so short that a query finds only samples at the evaluation time itself.
  const request: QueryRequest = {
    text: "count(steady)",
    start: START,
    end: START + to * STEP,
    step: STEP,
    lookbackMs: 1,
  };
  const text = await textOf(await lane.answer(request, false));
  const { result } = (JSON.parse(text) as { data: { result: { values: [number, string][] }[] } }).data;
  const counts: number[] = Array.from({ length: to + 1 }, () => 0);
  for (const [time, value] of result[0]?.values ?? []) counts[(time * 1000 - START) / STEP] = Number(value);
  return counts;
}

test("threads with cached results see each commit that precedes the query: new and late samples, in blocks or not", async () => {
  const { db, lane } = await openLane();
  /**
   * Number of stored samples at each evaluation time. The next list has the number of samples that are being written.
   */
  const committed: number[] = Array.from({ length: STEPS + 1 }, () => 0);
  const begun = committed.slice();
  let newest = 0;
  const progress = { done: false, asked: 0 };
  const write = async (step: number, instance: string): Promise<void> => {
    begun[step]!++;
    await append(db, step, instance);
    committed[step]!++;
  };
  const writes = async (): Promise<void> => {
    for (let step = 0; step <= STEPS; step++) {
      // oxlint-disable no-await-in-loop -- the order of writes matters
      await write(step, "0");
      newest = step;
      if (step % 4 === 0) await write((step * 7) % (step + 1), `late ${step}`);
      if (step % 40 === 39) await db.compactNow();
      const { asked } = progress;
      while (progress.asked < asked + 2) await setImmediate();
    }
    progress.done = true;
  };
  const asks = async (): Promise<void> => {
    while (!progress.done) {
      const to = newest;
      const least = committed.slice(0, to + 1);
      const counts = await countsOf(lane, to);
      const most = begun.slice(0, to + 1);
      progress.asked++;
      expect(counts.length).toBe(to + 1);
      expect(counts.filter((count, step) => count < least[step]! || count > most[step]!)).toEqual([]);
    }
  };
  await Promise.all([writes(), asks(), asks(), asks()]);
  expect(await countsOf(lane, STEPS)).toEqual(committed);
  expect(lane.scheduler.reused.reusedSteps).toBeGreaterThan(STEPS * 10);
}, 60_000);

test("a repeated query runs on the thread that cached its steps", async () => {
  const { db, lane } = await openLane();
  for (let step = 0; step < 60; step++) await append(db, step, "0", MANY);
  // Writes the head to a block before the queries. A new block between two queries would invalidate cached results.
  await db.compactNow();
  const ask = async (text: string): Promise<string> =>
    textOf(await lane.answer({ text, start: START, end: START + 59 * STEP, step: STEP }, false));
  const texts = Array.from({ length: 6 }, (_, i) => `max_over_time(steady[${i + 1}m])`);
  const first = await Promise.all(texts.map(ask));
  const evaluated = lane.scheduler.reused.evaluatedSteps;
  expect(evaluated).toBe(6 * 60);
  for (const [i, text] of texts.entries()) expect(await ask(text)).toBe(first[i]);
  expect(lane.scheduler.reused.evaluatedSteps).toBe(evaluated);
  expect(lane.scheduler.reused.reusedSteps).toBe(6 * 60);
});

test("a lane without memory for results evaluates each query", async () => {
  const { db } = await openLane();
  await append(db, 0, "0");
  const lane = openTestLane({ dir: "", db, [Symbol.asyncDispose]: () => db.close() });
  await countsOf(lane, 10);
  await countsOf(lane, 10);
  expect(lane.scheduler.reused).toMatchObject({ evaluatedSteps: 0, reusedSteps: 0, sharedEvaluations: 0 });
  await lane.end();
});
