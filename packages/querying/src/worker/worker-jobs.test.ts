import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test, vi } from "vitest";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";
import { Heartbeat } from "./heartbeat.ts";
import { NO_SLOT, ProgressTable } from "./progress-table.ts";
import { WorkerJobs } from "./worker-jobs.ts";
import type { WorkerMessage } from "./worker-messages.ts";

test.each(["m", "m +"])("a thread is idle before and after a job, even if the job failed: %s", async (text) => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "m" }), [1], [2]);
  const posted: WorkerMessage[] = [];
  const context = {
    queryable: storage,
    limits: TEST_LIMITS,
    account: MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 }),
    heartbeat: new Heartbeat(),
    progress: new ProgressTable(),
    name: "queries 1",
    clock: systemClock,
  };
  const jobs = new WorkerJobs(context, (message) => posted.push(message));
  expect(jobs.isIdle).toBe(true);
  const query = { form: "json", text, time: { time: 1 }, lookbackMs: undefined, samplesOf: undefined } as const;
  const settings = { purpose: "queries", timeoutMs: 60_000, gzip: false, progressSlot: NO_SLOT } as const;
  jobs.receive({ kind: "query", id: 1, ...settings, ...query, limit: 0, subqueryStepMs: 1000, queuedMs: 0 });
  expect(jobs.isIdle).toBe(false);
  await vi.waitUntil(() => jobs.isIdle);
  expect(posted.map(({ kind }) => kind)).toEqual([text === "m" ? "answer" : "failed"]);
});

test("after a job has waited for its data, its number is in the heartbeat again", async () => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "m" }), [1], [2]);
  const { promise: isThere, resolve: arrive } = Promise.withResolvers<void>();
  const heartbeat = new Heartbeat();
  const read: number[] = [];
  const slow: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      return {
        async select(matchers, hints) {
          const set = await querier.select(matchers, hints);
          if (heartbeat.currentJob === 1) await isThere;
          const note = <A extends readonly unknown[]>(action: (...all: A) => void) => {
            return (...all: A): void => {
              read.push(heartbeat.currentJob);
              action(...all);
            };
          };
          return { labels: set.labels, warnings: [], read: note(set.read.bind(set)) };
        },
        labelNames: (...all) => querier.labelNames(...all),
        labelValues: (...all) => querier.labelValues(...all),
        close: () => querier.close(),
      };
    },
  };
  const posted: WorkerMessage[] = [];
  const context = {
    queryable: slow,
    limits: TEST_LIMITS,
    account: MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 }),
    heartbeat,
    progress: new ProgressTable(),
    name: "queries 1",
    clock: systemClock,
  };
  const jobs = new WorkerJobs(context, (message) => posted.push(message));
  const query = { form: "json", text: "m", time: { time: 1 }, lookbackMs: undefined, samplesOf: undefined } as const;
  const settings = { purpose: "queries", timeoutMs: 60_000, gzip: false, progressSlot: NO_SLOT } as const;
  const rest = { limit: 0, subqueryStepMs: 1000, queuedMs: 0 };
  jobs.receive({ kind: "query", id: 1, ...settings, ...query, ...rest });
  await vi.waitUntil(() => heartbeat.currentJob === 1);
  await Promise.resolve();
  await new Promise(setImmediate);
  jobs.receive({ kind: "query", id: 2, ...settings, ...query, ...rest });
  await vi.waitUntil(() => posted.length === 1);
  arrive();
  await vi.waitUntil(() => jobs.isIdle);
  expect(read).toEqual([2, 1]);
});
