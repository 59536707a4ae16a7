import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { boundedListings } from "./bounded-listings.ts";
import { boundedSelections } from "./bounded-selections.ts";
import { FastPathRunner } from "./fast-path-runner.ts";
import { MainThreadRunner } from "./main-thread-runner.ts";
import type { Job, JobRunner, JobOptions, JobResult } from "./job-runner.ts";
import type { LabelListing, Listing } from "../listing/listing.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";

const job = (text: string, time = 1): Job => ({ kind: "query", request: { text, time }, form: "json" });

const setting = (changes: Partial<JobOptions> = {}): JobOptions => ({
  purpose: "queries",
  queuedMs: 0,
  timeoutMs: 60_000,
  signal: undefined,
  gzip: false,
  running: new Set(),
  placed: () => {},
  ...changes,
});

/** Returns a runner whose threads record their jobs. Each read of the clock advances it by `ms`. */
async function opened(cost: { ms: number }, most = 1000) {
  const storage = new MemoryStorage();
  for (let i = 0; i < 50; i++) await storage.load(Labels.of({ __name__: "m", i: String(i) }), [1], [i]);
  let now = 0;
  // Clock that advances at every read.
  const clock = { ...systemClock, now: () => 0, monotonic: () => (now += cost.ms), after: () => () => {} };
  const account = MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 });
  const bounded = boundedSelections(storage, most, "read");
  const here = new MainThreadRunner(bounded, TEST_LIMITS, account, () => 1000, clock);
  const there = new MainThreadRunner(storage, TEST_LIMITS, account, () => 1000, clock);
  const asked: string[] = [];
  const threads: JobRunner = {
    run(posted, how) {
      asked.push(posted.kind === "query" ? posted.request.text : posted.kind);
      return there.run(posted, how);
    },
    parse: (text, format) => there.parse(text, format),
    close: () => Promise.resolve(),
  };
  const listings = new MainThreadRunner(boundedListings(storage, most), TEST_LIMITS, account, () => 1000, clock);
  const runners = { queries: here, listings, workers: threads };
  return { runner: new FastPathRunner(runners, clock, TEST_LIMITS.features), asked, account };
}

test("a cheap query is evaluated on the main thread until it is no longer cheap", async () => {
  const cost = { ms: 0 };
  const { runner, asked, account } = await opened(cost);
  const first = await runner.run(job("m"), setting());
  const second = await runner.run(job("m"), setting());
  expect(asked).toEqual(["m"]);
  const bytes = [first, second].map((outcome) => "answer" in outcome && Buffer.from(outcome.answer.first).toString());
  expect(bytes[1]).toBe(bytes[0]);
  // Makes the query take many turns, so that it is stopped and evaluated on a thread.
  cost.ms = 20;
  const third = await runner.run(job("m"), setting());
  expect("answer" in third && Buffer.from(third.answer.first).toString()).toBe(bytes[0]);
  expect(asked).toEqual(["m", "m"]);
  await runner.run(job("m"), setting());
  expect(asked).toEqual(["m", "m", "m"]);
  for (const outcome of [first, second, third]) if ("answer" in outcome) outcome.answer.release();
  expect(account.usedBytes).toBeLessThan(1024 * 1024);
});

test("a query that was slow once, but finished within its turn, is tried on the main thread again", async () => {
  const cost = { ms: 0 };
  const { runner, asked } = await opened(cost);
  await runner.run(job("sum(m)"), setting());
  const slow = async (): Promise<void> => {
    // Makes the query take longer than a cheap query, but less than a turn.
    cost.ms = 0.12;
    await runner.run(job("sum(m)"), setting());
    cost.ms = 0;
  };
  await slow();
  await runner.run(job("sum(m)"), setting());
  await slow();
  expect(asked).toEqual(["sum(m)"]);
  await slow();
  await runner.run(job("sum(m)"), setting());
  expect(asked).toEqual(["sum(m)", "sum(m)"]);
});

test.each([
  ["1", []],
  ["time()", []],
  ["vector(2) + 1", []],
  ["vector(time()) > 3 or m", ["vector(time()) > 3 or m"]],
  ["max_over_time(vector(1)[2m:1m])", ["max_over_time(vector(1)[2m:1m])"]],
])("%s runs on the main thread the first time only if it reads no data", async (text, expected) => {
  const { runner, asked } = await opened({ ms: 0 });
  await runner.run(job(text), setting());
  expect(asked).toEqual(expected);
});

test("queries of rules and invalid queries always run on the threads", async () => {
  const { runner, asked } = await opened({ ms: 0 });
  for (let i = 0; i < 2; i++) await runner.run(job("m"), setting({ purpose: "rules" }));
  for (let i = 0; i < 2; i++) await expect(runner.run(job("m +"), setting())).rejects.toThrow("parse error");
  expect(asked).toEqual(["m", "m", "m +", "m +"]);
});

const SCOPE = { match: ["m"], start: 0, end: 9, limit: 0 } as const;
const LISTINGS: readonly LabelListing[] = [
  { kind: "series", ...SCOPE },
  { kind: "label names", ...SCOPE },
  { kind: "label values", name: "i", ...SCOPE },
];
const textOf = (result: JobResult): string => ("answer" in result ? Buffer.from(result.answer.first).toString() : "");

test.each(LISTINGS)(
  "a short listing ($kind) is made on the main thread, a longer one on a thread, with equal answers",
  async (listing) => {
    const short = await opened({ ms: 0 }, 50);
    const long = await opened({ ms: 0 }, 49);
    const [here, there] = [
      await short.runner.run({ kind: "list", listing }, setting()),
      await long.runner.run({ kind: "list", listing }, setting()),
    ];
    expect(short.asked).toEqual([]);
    expect(long.asked).toEqual(["list"]);
    expect(textOf(here)).toBe(textOf(there));
    expect(textOf(here).length).toBeGreaterThan(30);
  },
);

test.each(LISTINGS)(
  "a short listing ($kind) that does not finish within its turn is made on a thread",
  async (listing) => {
    const { runner, asked } = await opened({ ms: 20 });
    expect(textOf(await runner.run({ kind: "list", listing }, setting())).length).toBeGreaterThan(30);
    expect(asked).toEqual(["list"]);
  },
);

test("a listing that did not finish within its turn is tried on the main thread again after 64 times", async () => {
  const cost = { ms: 20 };
  const { runner, asked } = await opened(cost);
  const list = (): Promise<JobResult> => runner.run({ kind: "list", listing: LISTINGS[0]! }, setting());
  await list();
  cost.ms = 0;
  for (let i = 0; i < 64; i++) await list();
  expect(asked).toHaveLength(65);
  await list();
  expect(asked).toHaveLength(65);
});

test("listings with many or long selectors, and federation, are made on a thread; an invalid selector is refused", async () => {
  const { runner, asked } = await opened({ ms: 0 });
  const list = (listing: Listing): Promise<JobResult> => runner.run({ kind: "list", listing }, setting());
  await list({ kind: "series", ...SCOPE, match: Array.from({ length: 101 }, () => "m") });
  await list({ kind: "series", ...SCOPE, match: [`m{i!="${"-".repeat(1024)}"}`] });
  const format = { format: "text", escaping: "underscores" } as const;
  await list({ kind: "federation", ...SCOPE, format, externalLabels: [] });
  expect(asked).toEqual(["list", "list", "list"]);
  await expect(list({ kind: "series", ...SCOPE, match: ["m{"] })).rejects.toThrow("parse error");
});

test.each([
  ["a regular expression that takes long to compile", `m{i!~"[a-z]{1000}"}`],
  ["a long text", `m # ${"-".repeat(1024)}`],
])("%s is never parsed on the main thread", async (_, text) => {
  const { runner, asked } = await opened({ ms: 0 });
  for (let i = 0; i < 3; i++) await runner.run(job(text), setting());
  expect(asked).toEqual([text, text, text]);
});

test("a query that found nothing is not cheap at another time", async () => {
  const { runner, asked } = await opened({ ms: 0 });
  await runner.run(job("m", -1e9), setting());
  await runner.run(job("m"), setting());
  expect(asked).toEqual(["m", "m"]);
  await runner.run(job("m"), setting());
  expect(asked).toEqual(["m", "m"]);
});

test("a cheap query that may find many series is evaluated on a thread", async () => {
  const { runner, asked } = await opened({ ms: 0 }, 49);
  for (let i = 0; i < 2; i++) await runner.run(job("m"), setting());
  expect(asked).toEqual(["m", "m"]);
});

test("a cheap query is evaluated on a thread when it first requests much older data", async () => {
  const { runner, asked } = await opened({ ms: 0 });
  const year = 365 * 86_400_000;
  const old = (): Job => ({
    kind: "query",
    request: { text: "m", start: -year, end: 1, step: year },
    form: "json",
  });
  const recent: Job = { kind: "query", request: { text: "m", start: 1, end: 1 + year, step: year }, form: "json" };
  await runner.run(recent, setting());
  await runner.run(recent, setting());
  expect(asked).toEqual(["m"]);
  await runner.run(old(), setting());
  expect(asked).toEqual(["m", "m"]);
});
