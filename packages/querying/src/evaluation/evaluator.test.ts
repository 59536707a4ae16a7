import { setImmediate } from "node:timers/promises";
import { systemClock } from "@narthex/runtime";
import type { Querier, Queryable } from "@narthex/storage";
import { expect, test } from "vitest";
import { ReuseCounters } from "../reuse/reuse-counters.ts";
import {
  append,
  contextOf,
  evaluatorOf,
  MIB,
  openStore,
  START,
  STEP,
  type Store,
  textOf,
} from "../testing/reuse-store.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";
import { Evaluator } from "./evaluator.ts";
import type { JobContext } from "./job-context.ts";
import { MemoryAccount } from "./memory-account.ts";

/** A storage that can delay the next selection of series. */
class HeldQueryable implements Queryable {
  readonly #queryable: Queryable;
  #hold: Promise<void> | undefined;
  selections = 0;

  constructor(queryable: Queryable) {
    this.#queryable = queryable;
  }

  get invalidations(): Queryable["invalidations"] {
    return this.#queryable.invalidations;
  }

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hold = promise;
    return resolve;
  }

  querier(minTime: number, maxTime: number): Querier {
    const querier = this.#queryable.querier(minTime, maxTime);
    return {
      select: async (matchers, hints) => {
        this.selections++;
        const hold = this.#hold;
        this.#hold = undefined;
        await hold;
        return querier.select(matchers, hints);
      },
      labelNames: (matchers, hints) => querier.labelNames(matchers, hints),
      labelValues: (name, matchers, hints) => querier.labelValues(name, matchers, hints),
      close: () => querier.close(),
    };
  }
}

interface Shared {
  readonly store: Store;
  readonly held: HeldQueryable;
  readonly counters: ReuseCounters;
  readonly account: MemoryAccount;
  readonly ask: (changes?: Partial<JobContext>) => Promise<string>;
}

async function openShared(text = "sum_over_time(memory[5m])"): Promise<Shared> {
  const store = await openStore();
  store.now = START + 100 * STEP;
  for (let i = 0; i <= 100; i++)
    await append(store.db, [{ name: "memory", series: 1, time: START + i * STEP, value: i }]);
  const held = new HeldQueryable(store.db.queryable);
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const [evaluator, counters] = evaluatorOf(held, account, MIB);
  const query = { text, start: START, end: store.now, step: STEP };
  return { store, held, counters, account, ask: (changes) => textOf(evaluator, query, contextOf(account, changes)) };
}

test("identical queries share one evaluation, and each gets its own answer", async () => {
  const { held, counters, ask } = await openShared();
  const letGo = held.hold();
  const asked = [ask(), ask(), ask()];
  await setImmediate();
  letGo();
  const [first, ...others] = await Promise.all(asked);
  expect(first).toContain('"values":[[');
  expect(others).toEqual([first, first]);
  expect(held.selections).toBe(1);
  expect(counters.sharedEvaluations).toBe(2);
});

test("if two queries share an evaluation and one is cancelled, only that query ends; the other is evaluated again", async () => {
  const { held, ask } = await openShared();
  const letGo = held.hold();
  const gone = new AbortController();
  const first = ask({ signal: gone.signal });
  const second = ask();
  await setImmediate();
  gone.abort();
  letGo();
  expect(await first).toBe("canceled: query was canceled in expression evaluation");
  expect(await second).toContain('"values":[[');
  expect(held.selections).toBe(2);
});

test("a query that waits for a shared evaluation ends when its client disconnects or its time is over", async () => {
  const { held, ask } = await openShared();
  const letGo = held.hold();
  const gone = new AbortController();
  const first = ask();
  const cancelled = ask({ signal: gone.signal });
  const late = ask({ timeoutMs: 20 });
  await setImmediate();
  gone.abort();
  expect(await cancelled).toBe("canceled: query was canceled in expression evaluation");
  expect(await late).toBe("timeout: query timed out in expression evaluation");
  letGo();
  expect(await first).toContain('"values":[[');
});

test("a query reads samples that were written before it began, even if the same query is already being evaluated", async () => {
  const { held, store, counters, ask } = await openShared();
  const letGo = held.hold();
  const first = ask();
  await setImmediate();
  await append(store.db, [{ name: "memory", series: 3, time: store.now, value: 7 }]);
  const second = await ask();
  expect(second).toContain('"instance":"3"');
  expect(counters.sharedEvaluations).toBe(0);
  letGo();
  await first;
});

test("a cached result answers an identical query, and its memory is counted in the account of all queries", async () => {
  const { account, counters, held, ask } = await openShared("memory");
  const first = await ask();
  expect(await ask()).toBe(first);
  expect(held.selections).toBe(1);
  expect(counters.reusedSteps).toBe(101);
  expect(account.usedBytes).toBeGreaterThan(0);
});

/** Opens a storage with six series that have a sample for each of `steps` evaluation times. */
async function openSteady(steps: number): Promise<Store> {
  const store = await openStore();
  for (let i = 0; i <= steps; i++) {
    const samples = Array.from({ length: 6 }, (_, series) => ({
      name: "memory",
      series,
      time: START + i * STEP,
      value: i,
    }));
    // oxlint-disable-next-line no-await-in-loop -- samples must be written in order of time
    await append(store.db, samples);
  }
  // Waits until the head has been written to a block. A query during this time would select series twice.
  await store.db.maintain();
  store.now = START + steps * STEP;
  return store;
}

test("a range that is joined from parts has the same sample limit as one that is evaluated at once", async () => {
  const { db } = await openSteady(200);
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  let [refused, reused] = [0, 0];
  for (const maxSamples of [150, 500, 1000]) {
    const limits = { ...TEST_LIMITS, maxSamples };
    const counters = new ReuseCounters();
    const reuse = { maxBytes: MIB, counters: counters.buffer, charge: account.charge("queries") };
    const evaluator = new Evaluator(db.queryable, limits, systemClock, reuse);
    const plain = new Evaluator(db.queryable, limits, systemClock);
    for (const text of ["memory", "sum(memory)", "max_over_time(memory[2m])", "count(max_over_time(memory[2m:30s]))"]) {
      for (let count = 10; count <= 190; count += 6) {
        const query = { text, start: START, end: START + count * STEP, step: STEP };
        // oxlint-disable no-await-in-loop -- each query extends the result of the previous one
        const answer = await textOf(evaluator, query, contextOf(account));
        expect(answer, `${text} over ${count} steps of ${maxSamples} samples`).toBe(
          await textOf(plain, query, contextOf(account)),
        );
        // oxlint-enable no-await-in-loop
        if (answer.startsWith("too-many-samples")) refused++;
      }
    }
    reused += counters.reusedSteps;
  }
  expect(refused).toBeGreaterThan(10);
  expect(reused).toBeGreaterThan(1000);
});

test("a moving range near the sample limit is evaluated once for each query, in part or completely", async () => {
  const { db } = await openSteady(200);
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const plain = new Evaluator(db.queryable, TEST_LIMITS, systemClock);
  const reused: number[] = [];
  for (const maxSamples of [390, 450, 600, 1200]) {
    const held = new HeldQueryable(db.queryable);
    const [evaluator, counters] = evaluatorOf(held, account, MIB, { ...TEST_LIMITS, maxSamples });
    for (let first = 0; first < 100; first++) {
      const query = { text: "memory", start: START + first * STEP, end: START + (first + 60) * STEP, step: STEP };
      // oxlint-disable no-await-in-loop -- the order of the queries matters
      const contexts = [contextOf(account), contextOf(account)] as const;
      const answer = await textOf(evaluator, query, contexts[0]);
      expect(answer).toBe(await textOf(plain, query, contexts[1]));
      for (const { charge } of contexts) charge.close();
      // oxlint-enable no-await-in-loop
    }
    expect(held.selections, `selections with ${maxSamples} samples`).toBe(100);
    reused.push(counters.reusedSteps);
  }
  // Expects no reuse with the first two limits, because the query needs more than three quarters of the samples that an
  // evaluation may hold.
  expect(reused.slice(0, 2)).toEqual([0, 0]);
  expect(reused[2]).toBeGreaterThan(70 * 60);
  expect(reused[3]).toBeGreaterThan(90 * 60);
});

test.each([
  ["time", () => {}],
  [
    "memory",
    () => {
      throw new RangeError("Array buffer allocation failed");
    },
  ],
])("all waiting queries get a result if there is not enough %s for the cached copy", async (_, fail) => {
  const { db } = await openSteady(100);
  const held = new HeldQueryable(db.queryable);
  let [now, isLate] = [0, false];
  const clock = { ...systemClock, monotonic: () => now, after: () => () => {} };
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const charge = {
    take: () => {
      if (!isLate) return;
      now += 1000;
      fail();
    },
    give: () => {},
  };
  const counters = new ReuseCounters();
  const reuse = { maxBytes: MIB, counters: counters.buffer, charge };
  const evaluator = new Evaluator(held, TEST_LIMITS, clock, reuse);
  const plain = new Evaluator(db.queryable, TEST_LIMITS, systemClock);
  const ask = async (first: number): Promise<void> => {
    const query = { text: "memory", start: START + first * STEP, end: START + (first + 60) * STEP, step: STEP };
    const letGo = held.hold();
    const asked = [1000, 10_000].map((timeoutMs) => textOf(evaluator, query, contextOf(account, { timeoutMs })));
    await setImmediate();
    letGo();
    const expected = await textOf(plain, query, contextOf(account));
    expect(await Promise.all(asked)).toEqual([expected, expected]);
  };
  isLate = true;
  await ask(0);
  expect([counters.reusedSteps, counters.sharedEvaluations, held.selections]).toEqual([0, 1, 1]);
  isLate = false;
  await ask(0);
  isLate = true;
  // Each query joins the cached result with one new step. The cache keeps the earlier result, because no copy of the
  // joined result replaces it.
  await ask(1);
  await ask(2);
  expect([counters.reusedSteps, counters.sharedEvaluations, held.selections]).toEqual([60 + 59, 4, 4]);
});

test("a range that is joined from parts must finish within the timeout of its query", async () => {
  const { db } = await openSteady(100);
  let [late, ready] = [0, 0];
  for (let timeoutMs = 1; timeoutMs < 40; timeoutMs++) {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now, after: () => () => {} };
    const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
    const reuse = { maxBytes: MIB, counters: new ReuseCounters().buffer, charge: account.charge("queries") };
    const evaluator = new Evaluator(db.queryable, TEST_LIMITS, clock, reuse);
    const ask = (start: number, changes: Partial<JobContext>): Promise<string> =>
      textOf(evaluator, { text: "memory", start, end: start + 60 * STEP, step: STEP }, contextOf(account, changes));
    // oxlint-disable no-await-in-loop -- the order of the queries matters
    await ask(START, {});
    const charge = account.charge("queries");
    charge.take = () => void now++;
    const begun = now;
    const answer = await ask(START + 10 * STEP, { timeoutMs, charge });
    // oxlint-enable no-await-in-loop
    if (answer.startsWith("timeout")) late++;
    else {
      ready++;
      // Allows one millisecond more, because the clock also advances when memory for the first piece of the answer is
      // taken.
      expect(now - begun).toBeLessThanOrEqual(timeoutMs + 1);
    }
  }
  expect(late).toBeGreaterThan(8);
  expect(ready).toBeGreaterThan(8);
});

test("ranges of one expression that begin between steps, or are far apart, are cached separately", async () => {
  const store = await openSteady(600);
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const [evaluator, counters] = evaluatorOf(store.db.queryable, account, MIB);
  const starts = [START + 1000, START + 2000, START + 400 * STEP, START + 401 * STEP + 3000];
  for (let round = 0; round < 4; round++) {
    const { reusedSteps, evaluatedSteps } = counters;
    for (const start of starts) {
      const query = { text: "memory", start: start + round * STEP, end: start + (round + 100) * STEP, step: STEP };
      // oxlint-disable-next-line no-await-in-loop -- the order of the queries matters
      await textOf(evaluator, query, contextOf(account));
    }
    if (round < 2) continue;
    expect(counters.reusedSteps - reusedSteps).toBe(4 * 100);
    expect(counters.evaluatedSteps - evaluatedSteps).toBe(4);
  }
});

test("the order of joined groups in an earlier range does not affect answers", async () => {
  const { db } = await openStore();
  for (let step = 0; step <= 140; step++) {
    const time = START + step * STEP;
    const samples = (step < 20 ? [0, 1, 2, 3] : [1, 2, 3]).map((series) => ({
      name: "memory",
      series,
      time,
      value: 7,
    }));
    samples.push(...[4, 5].map((series) => ({ name: "few", series, time, value: 1 })));
    // oxlint-disable-next-line no-await-in-loop -- samples must be written in order of time
    await append(db, samples);
  }
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const [evaluator] = evaluatorOf(db.queryable, account, MIB);
  const plain = new Evaluator(db.queryable, TEST_LIMITS, systemClock);
  for (const inner of ["memory * on (job) group_left () few", "few * on (job) group_right () memory"]) {
    const text = `topk(1, ${inner})`;
    // oxlint-disable no-await-in-loop -- the order of the queries matters
    for (const from of [0, 40]) {
      const query = {
        text,
        start: START + from * STEP,
        end: START + (from + 100) * STEP,
        step: STEP,
        lookbackMs: STEP,
      };
      expect(await textOf(evaluator, query, contextOf(account))).toBe(await textOf(plain, query, contextOf(account)));
    }
    // oxlint-enable no-await-in-loop
  }
});

test.each([0, 1])(
  "if several parts of a range fail, the query reports the same error as a single evaluation",
  async (first) => {
    const store = await openSteady(100);
    // Adds two series of one job. A hundred steps later, adds two series of the other job.
    const addTwo = (job: number, step: number): Promise<void> =>
      append(
        store.db,
        [job, job + 2].map((series) => ({ name: "few", series, time: START + step * STEP, value: 1 })),
      );
    await addTwo(first, 0);
    await addTwo(1 - first, 100);
    const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
    const [evaluator] = evaluatorOf(store.db.queryable, account, MIB);
    const ask = (by: Evaluator, from: number, to: number): Promise<string> => {
      const [start, end] = [START + from * STEP, START + to * STEP];
      const query = { text: "memory * on (job) group_left () few", start, end, step: STEP, lookbackMs: STEP };
      return textOf(by, query, contextOf(account));
    };
    expect(await ask(evaluator, 10, 90)).toContain("success");
    const answer = await ask(evaluator, 0, 100);
    expect(answer).toContain("found duplicate series");
    expect(answer).toBe(await ask(new Evaluator(store.db.queryable, TEST_LIMITS, systemClock), 0, 100));
  },
);
