import { Labels } from "@narthex/model";
import { parseExpression } from "@narthex/promql";
import { systemClock } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";
import { boundedSelections } from "./bounded-selections.ts";
import type { Job, JobOptions, JobRunner } from "./job-runner.ts";
import { MainThreadRunner } from "./main-thread-runner.ts";
import { shutdownError } from "../worker/worker-pool.ts";
import { RuleRunner } from "./rule-runner.ts";

/** Returns a job that evaluates a rule. Repeated evaluations have the same parsed expression. */
function ruleOf(text: string): Job {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw parsed.errors[0];
  return { kind: "query", request: { text, expr: parsed.expr, time: 1 }, form: "columns" };
}

const setting = (changes: Partial<JobOptions> = {}): JobOptions => ({
  purpose: "rules",
  queuedMs: 0,
  timeoutMs: 60_000,
  signal: undefined,
  gzip: false,
  running: new Set(),
  placed: () => {},
  ...changes,
});

/**
 * Returns a runner whose threads record their jobs. Each read of the clock advances it by `ms`. Reads of the storage on
 * the main thread wait for `gate`.
 */
async function opened(cost: { ms: number; isOff?: boolean; gate?: Promise<void> }) {
  const storage = new MemoryStorage();
  for (let i = 0; i < 50; i++) await storage.load(Labels.of({ __name__: "m", i: String(i) }), [1], [i]);
  for (let i = 0; i < 101; i++) await storage.load(Labels.of({ __name__: "many", i: String(i) }), [1], [i]);
  let now = 0;
  const clock = { ...systemClock, now: () => 0, monotonic: () => (now += cost.ms), after: () => () => {} };
  const account = MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 });
  const runnerOf = (queryable: Queryable): MainThreadRunner =>
    new MainThreadRunner(queryable, TEST_LIMITS, account, () => 1000, clock);
  const there = runnerOf(storage);
  const asked: string[] = [];
  const settings: JobOptions[] = [];
  const threads: JobRunner = {
    run(posted, how) {
      settings.push(how);
      asked.push(posted.kind === "query" ? posted.request.text : posted.kind);
      return there.run(posted, how);
    },
    parse: (text, format) => there.parse(text, format),
    close: () => Promise.resolve(),
  };
  let tries = 0;
  const here = runnerOf({
    querier(minTime, maxTime) {
      tries++;
      const querier = boundedSelections(storage, 100, "refused").querier(minTime, maxTime);
      if (cost.gate === undefined) return querier;
      return {
        select: (matchers, hints) => cost.gate!.then(() => querier.select(matchers, hints)),
        labelNames: () => Promise.resolve([]),
        labelValues: () => Promise.resolve([]),
        close: () => querier.close(),
      };
    },
  });
  const runner = new RuleRunner(here, threads, clock, () => cost.isOff === true);
  return { runner, asked, settings, account, tried: () => tries, pass: (ms: number) => void (now += ms) };
}

const valuesOf = async (running: ReturnType<RuleRunner["run"]>): Promise<readonly number[]> => {
  const outcome = await running;
  return "result" in outcome ? outcome.result.series.map(({ column }) => column.values[0]!) : [];
};

test("a rule is evaluated on the main thread from its first evaluation on, even if it finds nothing", async () => {
  const { runner, asked, account } = await opened({ ms: 0 });
  const [sum, none] = [ruleOf("sum(m)"), ruleOf("sum(absent_metric)")];
  for (let i = 0; i < 5; i++) {
    expect(await valuesOf(runner.run(sum, setting()))).toEqual([(49 * 50) / 2]);
    expect(await valuesOf(runner.run(none, setting()))).toEqual([]);
  }
  expect(asked).toEqual([]);
  expect(account.usedBytes).toBe(0);
});

test("other jobs, and rules while reading is slow, run on the threads", async () => {
  const cost = { ms: 0, isOff: false };
  const { runner, asked } = await opened(cost);
  const rule = ruleOf("m") as Extract<Job, { kind: "query" }>;
  await runner.run({ ...rule, form: "json" }, setting());
  await runner.run(rule, setting({ purpose: "queries" }));
  await runner.run({ kind: "list", listing: { kind: "series", match: ["m"], start: 0, end: 9, limit: 0 } }, setting());
  const { expr: _, ...unread } = rule.request;
  await runner.run({ ...rule, request: unread }, setting());
  expect(asked).toEqual(["m", "m", "list", "m"]);
  cost.isOff = true;
  await runner.run(rule, setting());
  expect(asked).toHaveLength(5);
});

test("a rule that may select many series is evaluated on a thread, with the same result", async () => {
  const { runner, asked } = await opened({ ms: 0 });
  const rule = ruleOf("count(many)");
  for (let i = 0; i < 3; i++) expect(await valuesOf(runner.run(rule, setting()))).toEqual([101]);
  expect(asked).toEqual(["count(many)", "count(many)", "count(many)"]);
});

test("a rule that is slow several times in a row runs on the threads until it is cheap there", async () => {
  const cost = { ms: 0 };
  const { runner, asked, pass } = await opened(cost);
  const rule = ruleOf("sum(m)");
  const evaluate = async (ms: number): Promise<void> => {
    cost.ms = ms;
    await runner.run(rule, setting());
    cost.ms = 0;
    pass(1e6);
  };
  // Makes the evaluation take longer than a cheap query, but not more than the allowed number of turns.
  await evaluate(0.2);
  await evaluate(0.2);
  await evaluate(0);
  for (let i = 0; i < 5; i++) await evaluate(0.2);
  expect(asked).toEqual([]);
  await evaluate(0.2);
  await evaluate(0);
  expect(asked).toEqual(["sum(m)", "sum(m)"]);
  await evaluate(0);
  expect(asked).toHaveLength(2);
});

test("a rule that exceeds its turns is stopped and evaluated on a thread, and is tried only a few times", async () => {
  const { runner, asked, tried, pass } = await opened({ ms: 20 });
  const rule = ruleOf("max_over_time(m[1s:1ms])");
  for (let i = 1; i <= 8; i++) {
    expect(await valuesOf(runner.run(rule, setting()))).toHaveLength(50);
    pass(1e6);
    expect(asked).toHaveLength(i);
  }
  expect(tried()).toBe(5);
});

test("rules use a small share of the main thread's time, and run on the threads when it is used up", async () => {
  const cost = { ms: 0.5 };
  const { runner, asked, pass } = await opened(cost);
  const rules = Array.from({ length: 300 }, (_, i) => ruleOf(`sum(m) + ${i}`));
  for (const rule of rules) await runner.run(rule, setting());
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.length).toBeLessThan(300);
  const before = asked.length;
  pass(60_000);
  await runner.run(rules[0]!, setting());
  expect(asked).toHaveLength(before);
});

test("between consecutive rules the event loop gets turns", async () => {
  const { runner, asked } = await opened({ ms: 0.1 });
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 12; i++) await runner.run(ruleOf(`sum(m) + ${i}`), setting());
  isDone = true;
  expect(asked).toEqual([]);
  expect(turns).toBeGreaterThan(3);
});

test("concurrent rules run one after the other on the main thread, and each reports its own failure", async () => {
  const { runner, asked } = await opened({ ms: 0.01 });
  const running = Array.from({ length: 20 }, (_, i) => valuesOf(runner.run(ruleOf(`sum(m) + ${i}`), setting())));
  await expect(runner.run(ruleOf("m + on() m"), setting())).rejects.toThrow("many-to-many");
  expect(await Promise.all(running)).toEqual(Array.from({ length: 20 }, (_, i) => [(49 * 50) / 2 + i]));
  expect(asked).toEqual([]);
});

test("the queue time of a rule, and its timeout, include the wait on the main thread and a stopped attempt", async () => {
  const { runner, settings } = await opened({ ms: 1 });
  const rules = [1, 2, 3].map((i) => ruleOf(`max_over_time(m[1s:1ms]) + ${i}`));
  await Promise.all(rules.map((rule) => runner.run(rule, setting({ queuedMs: 7 }))));
  expect(settings).toHaveLength(3);
  for (const [i, { queuedMs, timeoutMs }] of settings.entries()) {
    // Each rule waits for the earlier rules, and is stopped after some reads of the clock.
    expect(queuedMs).toBeGreaterThan(7 + 4 * (i + 1));
    expect(timeoutMs).toBe(60_000 - (queuedMs - 7));
  }
});

test("the queue time of a rule includes the rules before it on the main thread", async () => {
  const { runner, asked } = await opened({ ms: 0.01 });
  const done = await Promise.all([1, 2, 3].map((i) => runner.run(ruleOf(`sum(m) + ${i}`), setting())));
  const waits = done.map((one) => ("result" in one ? one.result.stats.timings.execQueueTime : NaN));
  expect(asked).toEqual([]);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[2]).toBeGreaterThan(waits[0]!);
});

test("closing waits for the running rule; waiting rules and later ones are refused", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { runner } = await opened({ ms: 0, gate });
  const running = valuesOf(runner.run(ruleOf("sum(m)"), setting()));
  const waiting = runner.run(ruleOf("sum(m) + 1"), setting());
  let isClosed = false;
  const closing = runner.close().then(() => (isClosed = true));
  const later = runner.run(ruleOf("sum(m) + 2"), setting());
  const refused = Promise.all([waiting, later].map((one) => expect(one).rejects.toThrow(shutdownError().message)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  open();
  expect(await running).toEqual([(49 * 50) / 2]);
  await refused;
  await closing;
});
