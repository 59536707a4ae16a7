import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type FloatHistogram, Labels } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch, type Queryable } from "@narthex/storage";
import { openTsdb, type Tsdb, type TsdbOptions } from "@narthex/tsdb";
import { onTestFinished } from "vitest";
import { type EvaluatedQuery, Evaluator } from "../evaluation/evaluator.ts";
import type { JobContext } from "../evaluation/job-context.ts";
import type { EngineLimits } from "../evaluation/limited-engine.ts";
import type { MemoryAccount } from "../evaluation/memory-account.ts";
import { PieceMemory } from "../response/piece-memory.ts";
import { ReuseCounters } from "../reuse/reuse-counters.ts";
import { TEST_LIMITS } from "./test-lane.ts";

export const MIB = 1024 * 1024;
export const STEP = 15_000;
export const BLOCK = 20 * 60_000;
export const START = BLOCK * 1_000_000;

export interface Store {
  readonly dir: string;
  readonly db: Tsdb;
  /** Time of the newest sample, ms. */
  now: number;
}

/** Opens a database that is removed after the test. */
export async function openStore(changes: Partial<TsdbOptions> = {}): Promise<Store> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-reuse-"));
  const db = await openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    lockFile: false,
    retentionMs: 0,
    minBlockDurationMs: BLOCK,
    maxBlockDurationMs: BLOCK * 3,
    outOfOrderTimeWindowMs: BLOCK * 4,
    ...changes,
  });
  onTestFinished(async () => {
    await db.close();
    rmSync(dir, { recursive: true });
  });
  return { dir, db, now: START };
}

/** A sample of a series. A bigint value is the bits of a float. `le` is the upper bound of a bucket. */
export interface Sample {
  readonly name: string;
  readonly series: number;
  readonly time: number;
  readonly value: number | bigint | FloatHistogram;
  readonly le?: string;
}

export async function append(db: Tsdb, samples: readonly Sample[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(samples.length);
  const bits = new BigUint64Array(batch.values.buffer, batch.values.byteOffset, batch.values.length);
  for (const { name, series, time, value, le = "" } of samples) {
    const labels = { __name__: name, job: series % 2 === 0 ? "a" : "b", instance: `${series}`, le };
    const ref = app.series(Labels.of(labels));
    if (typeof value === "object") {
      app.appendHistogram(ref, time, value);
      continue;
    }
    batch.refs[batch.count] = ref;
    batch.timestamps[batch.count] = time;
    if (typeof value === "bigint") bits[batch.count++] = value;
    else batch.values[batch.count++] = value;
  }
  app.append(batch);
  await app.commit();
}

export function evaluatorOf(
  queryable: Queryable,
  account: MemoryAccount,
  maxBytes: number,
  limits: EngineLimits = TEST_LIMITS,
): [Evaluator, ReuseCounters] {
  const counters = new ReuseCounters();
  const reuse = { maxBytes, counters: counters.buffer, charge: account.charge("queries") };
  return [new Evaluator(queryable, limits, systemClock, reuse), counters];
}

export function contextOf(account: MemoryAccount, changes: Partial<JobContext> = {}): JobContext {
  return {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    charge: account.charge("queries"),
    gzip: false,
    pieceMemory: new PieceMemory(),
    began: () => {},
    yieldTurn: () => setImmediate(),
    ...changes,
  };
}

/** Evaluates a query. Returns the whole response that a client would receive. */
export async function textOf(evaluator: Evaluator, query: EvaluatedQuery, context: JobContext): Promise<string> {
  try {
    const { annotations, pieces } = await evaluator.answer(query, false, 0, context);
    let text = "";
    for await (const { bytes } of pieces) text += Buffer.from(bytes).toString();
    return `${text} ${annotations.warnings.join()} ${annotations.infos.join()}`;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}
