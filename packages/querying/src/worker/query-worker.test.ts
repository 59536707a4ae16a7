import { expect, test, vi } from "vitest";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";
import { NO_SLOT } from "./progress-table.ts";
import { QueryWorker, RetryableJobError } from "./query-worker.ts";

test("shared memory of an answer is returned to the thread even if its job was already moved to another thread", async () => {
  const worker = new QueryWorker(
    {
      entry: new URL("../testing/evicted-worker.ts", import.meta.url),
      name: "queries 1",
      share: () => ({ handles: [], release: () => {} }),
      account: MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 }),
      limits: TEST_LIMITS,
      heapMb: 64,
    },
    () => {},
  );
  const parsed = Promise.withResolvers<string>();
  const parsing = {
    receive: (message: { kind: string; json?: string }) => parsed.resolve(message.json ?? message.kind),
    fail: parsed.reject,
  };
  const evicted = { receive: vi.fn(), fail: vi.fn() };
  const query = { form: "json", text: "m", time: { time: 0 }, lookbackMs: undefined, samplesOf: undefined } as const;
  const posted = { purpose: "queries", timeoutMs: 60_000, gzip: false, progressSlot: NO_SLOT } as const;
  worker.run({ kind: "query", id: 1, ...posted, ...query, limit: 0, subqueryStepMs: 1000, queuedMs: 0 }, evicted);
  expect(worker.evictWaiting()).toBe(1);
  worker.run({ kind: "parse", id: 2, format: "tree", text: "m" }, parsing);
  expect(JSON.parse(await parsed.promise)).toEqual({ of: 1, memory: [64 * 1024] });
  expect(evicted.fail).toHaveBeenCalledExactlyOnceWith(expect.any(RetryableJobError));
  expect(evicted.receive).not.toHaveBeenCalled();
  await worker.end(new Error("the test is over"));
});
