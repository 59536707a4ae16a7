import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { MainThreadRunner } from "./main-thread-runner.ts";
import type { JobOptions } from "./job-runner.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import type { StreamedResponse } from "./query-lane.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";

const LONG = "x".repeat(10_000);

/** A runner over a storage that counts who reads it, and an answer of several pieces. */
async function opened() {
  const storage = new MemoryStorage();
  for (let i = 0; i < 100; i++) await storage.load(Labels.of({ __name__: "m", i: `${i}${LONG}` }), [1], [i]);
  const held = new Set<object>();
  const queryable: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      held.add(querier);
      return {
        select: (matchers, hints) => querier.select(matchers, hints),
        labelNames: (matchers, hints) => querier.labelNames(matchers, hints),
        labelValues: (name, matchers, hints) => querier.labelValues(name, matchers, hints),
        close() {
          held.delete(querier);
          querier.close();
        },
      };
    },
  };
  const account = MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 });
  const runner = new MainThreadRunner(queryable, TEST_LIMITS, account, () => 1000, systemClock);
  const setting: JobOptions = {
    purpose: "queries",
    queuedMs: 0,
    timeoutMs: 60_000,
    signal: undefined,
    gzip: false,
    running: new Set(),
    placed: () => {},
  };
  const listing = { kind: "series", match: ["m"], start: 0, end: 9, limit: 0 } as const;
  const { answer } = (await runner.run({ kind: "list", listing }, setting)) as { answer: StreamedResponse };
  return { answer, held, account, running: setting.running };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([0, 1, Infinity])("a storage is let go of when its answer is released after %d more pieces", async (most) => {
  const { answer, held, account, running } = await opened();
  expect(held.size).toBe(1);
  expect(account.usedBytes).toBeGreaterThan(0);
  const rest = answer.rest![Symbol.asyncIterator]();
  let taken = 0;
  while (taken < most && (await rest.next()).done !== true) taken++;
  expect(taken).toBe(Math.min(most, 3));
  answer.release();
  await settled();
  expect(held.size).toBe(0);
  expect(account.usedBytes).toBe(0);
  expect(running.size).toBe(0);
});

test("an answer that is released while its next piece is waited for ends", async () => {
  const { answer, held } = await opened();
  const next = answer.rest![Symbol.asyncIterator]().next();
  answer.release();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(held.size).toBe(0);
});
