import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import type { Queryable, SeriesSet } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { MainThreadRunner } from "./main-thread-runner.ts";
import type { JobOptions } from "./job-runner.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { type PieceBuffer, PieceMemory } from "../response/piece-memory.ts";
import type { StreamedResponse } from "./query-lane.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";

const LONG = "x".repeat(10_000);

/** Wraps a set of series and calls `look` when the labels of series number `at` are read. */
function watched(set: SeriesSet, at: number, look: () => void): SeriesSet {
  const labels = [...set.labels];
  const watchedLabels = labels[at]!;
  Object.defineProperty(labels, at, {
    get() {
      look();
      return watchedLabels;
    },
  });
  return { ...set, labels };
}

/**
 * Returns a runner over a storage that counts its readers, and a response of several pieces. Calls `look` when the
 * labels of series 80 are read.
 */
async function opened(pieceMemory = new PieceMemory(), look = (): void => {}) {
  const storage = new MemoryStorage();
  for (let i = 0; i < 100; i++) await storage.load(Labels.of({ __name__: "m", i: `${i}${LONG}` }), [1], [i]);
  const held = new Set<object>();
  const queryable: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      held.add(querier);
      return {
        select: async (matchers, hints) => watched(await querier.select(matchers, hints), 80, look),
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
  const runner = new MainThreadRunner(queryable, TEST_LIMITS, account, () => 1000, systemClock, pieceMemory);
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

test.each([0, 1, Infinity])("a storage is closed when its answer is released after %d more pieces", async (most) => {
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

test("an answer ends if it is released during the wait for its next piece", async () => {
  const { answer, held } = await opened();
  const next = answer.rest![Symbol.asyncIterator]().next();
  answer.release();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(held.size).toBe(0);
});

test("if an answer is released while a piece is written, the shared memory of the piece is returned once", async () => {
  const [made, givenBack]: [unknown[], unknown[]] = [[], []];
  class CountedMemory extends PieceMemory {
    override copy(bytes: Uint8Array): Uint8Array<PieceBuffer> {
      const copy = super.copy(bytes);
      if (copy.buffer instanceof SharedArrayBuffer) made.push(copy.buffer);
      return copy;
    }
    override giveBack(memory: readonly SharedArrayBuffer[]): void {
      givenBack.push(...memory);
      super.giveBack(memory);
    }
  }
  let look = (): void => {};
  const { answer } = await opened(new CountedMemory(), () => look());
  expect([made.length, givenBack.length]).toEqual([1, 0]);
  look = () => answer.release();
  const taken: Uint8Array[] = [];
  for await (const piece of answer.rest!) taken.push(piece);
  expect(made.length).toBeGreaterThan(taken.length + 1);
  // The list may contain the same buffer several times, because returned memory is reused.
  expect(givenBack).toHaveLength(made.length);
  expect(made.every((one, i) => one === givenBack[i])).toBe(true);
});
