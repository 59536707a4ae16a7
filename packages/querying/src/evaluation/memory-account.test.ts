import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Charge, MemoryAccount } from "./memory-account.ts";

const MIB = 1024 * 1024;

test("all all charges together never exceed the account, and release all their memory", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(7), fc.constantFrom("take", "give", "close"), fc.nat(6 * MIB)), { maxLength: 60 }),
      (steps) => {
        const account = MemoryAccount.open({ limitBytes: 16 * MIB, reservedBytes: 4 * MIB });
        const others = [1, 2].map(() => MemoryAccount.attach(account.share().handles));
        const charges: Charge[] = [account, ...others, account].flatMap((one) => [
          one.charge("queries"),
          one.charge("rules"),
        ]);
        for (const [i, step, bytes] of steps) {
          const charge = charges[i]!;
          try {
            if (step === "take") charge.take(bytes);
            else if (step === "give") charge.give(Math.min(bytes, charge.bytes));
            else charge.close();
          } catch (error) {
            expect(String(error)).toMatch(/of the 16 MiB they may; raise --query.max-memory/);
          }
          const held = charges.reduce((sum, one) => sum + one.bytes, 0);
          expect(account.usedBytes).toBeGreaterThanOrEqual(held);
          expect(account.usedBytes).toBeLessThanOrEqual(16 * MIB);
        }
        for (const charge of charges) charge.close();
        expect(account.usedBytes).toBe(0);
      },
    ),
  ));

test("queries of users cannot use the memory that is reserved for rules", () => {
  const account = MemoryAccount.open({ limitBytes: 8 * MIB, reservedBytes: 2 * MIB });
  const [users, rules] = [account.charge("queries"), account.charge("rules")];
  users.take(6 * MIB);
  expect(() => users.take(1)).toThrow(
    "would hold 7 MiB in memory while all queries together, and answers that were not read yet, hold 6 of the 8 MiB",
  );
  rules.take(2 * MIB);
  expect(account.refusals).toBe(1);
  expect(() => rules.take(MIB)).toThrow(/--query.max-memory/);
  expect(account.refusals).toBe(2);
});

test("the memory of a thread is released when the thread has ended", () => {
  const account = MemoryAccount.open({ limitBytes: 8 * MIB, reservedBytes: 0 });
  const share = account.share();
  MemoryAccount.attach(share.handles)
    .charge("queries")
    .take(5 * MIB);
  account.charge("queries").take(MIB);
  expect(account.usedBytes).toBe(6 * MIB);
  share.release();
  expect(account.usedBytes).toBe(MIB);
  // The next thread reuses the number of the ended thread.
  expect(account.share().handles.holder).toBe(share.handles.holder);
});

test("memory that is already in use is counted without a limit", () => {
  const account = MemoryAccount.open({ limitBytes: MIB, reservedBytes: 0 });
  const charge = account.charge("queries");
  charge.takeOver(3 * MIB);
  expect(account.usedBytes).toBe(3 * MIB);
  expect(() => account.charge("rules").take(1)).toThrow(/hold 3 of the 1 MiB/);
  charge.give(3 * MIB);
  expect(account.usedBytes).toBeLessThanOrEqual(MIB / 2);
});

test("a refused request does not cause other requests to be refused", async () => {
  const account = MemoryAccount.open({ limitBytes: 8 * MIB, reservedBytes: 0 });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { handles: account.share().handles, bytes: 16 * MIB, stop };
  const worker = new Worker(new URL("../testing/greedy-worker.ts", import.meta.url), { workerData });
  await once(worker, "message");
  let refused = 0;
  for (let round = 0; round < 1_000_000; round++) {
    if (account.take(MIB, "queries")) account.give(MIB);
    else refused++;
  }
  Atomics.store(stop, 0, 1);
  await once(worker, "exit");
  expect(refused).toBe(0);
  expect(account.usedBytes).toBe(0);
});
