import { setImmediate } from "node:timers/promises";
import { Labels } from "@narthex/model";
import { DEFAULT_FEATURES } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test, vi } from "vitest";
import { PIECES_AHEAD, type WorkerMessage } from "./worker-messages.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { Heartbeat } from "./heartbeat.ts";
import { NO_SLOT, ProgressTable } from "./progress-table.ts";
import { WorkerJobs } from "./worker-jobs.ts";

const LIMITS = { maxSamples: 1e7, maxBytes: 1e9, lookbackMs: 300_000, features: DEFAULT_FEATURES };

async function storage(series: number): Promise<MemoryStorage> {
  const memory = new MemoryStorage();
  const app = memory.appender();
  const batch = createSampleBatch(series);
  for (let i = 0; i < series; i++) {
    batch.refs[i] = app.series(Labels.of({ __name__: "some", i: String(i) }));
    batch.values[i] = i;
  }
  batch.count = series;
  app.append(batch);
  await app.commit();
  return memory;
}

test("no more of an answer is written than the other side takes", async () => {
  const reports: WorkerMessage[] = [];
  const account = MemoryAccount.open({ limitBytes: 1e9, reservedBytes: 0 });
  const queries = new WorkerJobs(
    {
      queryable: await storage(300),
      limits: LIMITS,
      account,
      heartbeat: new Heartbeat(),
      progress: new ProgressTable(),
      name: "queries 1",
      clock: systemClock,
    },
    (report) => reports.push(report),
  );
  const query = {
    id: 7,
    purpose: "queries",
    form: "json",
    text: "some",
    lookbackMs: 1e9,
    timeoutMs: 60_000,
    limit: 0,
    gzip: false,
    progressSlot: NO_SLOT,
  } as const;
  const time = { start: 0, end: 1_000_000, step: 1000 };
  queries.receive({ kind: "query", ...query, time, samplesOf: undefined, subqueryStepMs: 1000, queuedMs: 0 });
  await vi.waitUntil(() => reports.length === PIECES_AHEAD);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(reports).toHaveLength(PIECES_AHEAD);
  // Its columns wait with it.
  expect(account.usedBytes).toBeGreaterThan(300 * 1000 * 9);
  queries.receive({ kind: "more", id: 7, memory: [] });
  await vi.waitUntil(() => reports.length === PIECES_AHEAD + 1);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(reports).toHaveLength(PIECES_AHEAD + 1);
  queries.receive({ kind: "cancel", id: 7 });
  await vi.waitUntil(() => reports.length > PIECES_AHEAD + 1);
  expect(reports.map(({ kind }) => kind)).toEqual(["answer", ...Array(PIECES_AHEAD).fill("piece"), "failed"]);
  await setImmediate();
  expect(account.usedBytes).toBe(0);
});
