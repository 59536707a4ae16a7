import { EMPTY_HISTOGRAM, type FloatHistogram, Matcher } from "@narthex/model";
import { parseExpression } from "@narthex/promql";
import { seededRandom, systemClock } from "@narthex/runtime";
import type { TsdbOptions } from "@narthex/tsdb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inputSpanOf } from "../reuse/reusable-expression.ts";
import {
  append,
  BLOCK,
  contextOf,
  evaluatorOf,
  MIB,
  openStore,
  type Sample,
  START,
  STEP,
  type Store,
  textOf,
} from "../testing/reuse-store.ts";
import { TEST_LIMITS } from "../testing/test-lane.ts";
import { Evaluator } from "./evaluator.ts";
import { MemoryAccount } from "./memory-account.ts";

/** Bits of the NaN that marks the end of a series. */
const STALE = 0x7ff0000000000002n;
const SERIES = 6;
const BOUNDS = ["0.1", "1", "+Inf"];
const NAMES = ["requests_total", "memory", "gone", "latency", "latency_bucket"];

/** Pseudo-random numbers that depend only on a seed. */
class Rolls {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Returns a whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  /** Returns true with a probability of 1 in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** A storage into which the test writes random samples, and the current values of its series. */
class World {
  readonly store: Store;
  readonly #rolls: Rolls;
  /** Series that have ended. These series may continue later. */
  readonly #ended = new Set<string>();
  readonly #counters = new Map<string, number>();

  constructor(store: Store, rolls: Rolls) {
    this.store = store;
    this.#rolls = rolls;
  }

  async change(): Promise<void> {
    const { db, now } = this.store;
    const rolls = this.#rolls;
    switch (rolls.below(14)) {
      case 0:
        return append(db, this.#lateSamples());
      case 1: {
        const from = now - rolls.below(BLOCK * 3);
        const matcher = new Matcher("=", "__name__", rolls.pick(NAMES));
        return db.deleteSeries([matcher], from, from + rolls.below(BLOCK));
      }
      case 2:
        return db.compactNow();
      case 3:
        return db.cleanTombstones();
      case 4:
        db.applyRetention({ timeMs: BLOCK * (3 + rolls.below(4)), sizeBytes: 0 });
        return db.maintain();
      default:
        // oxlint-disable-next-line no-await-in-loop -- samples must be written in order of time
        for (let i = rolls.below(12); i >= 0; i--) await this.#scrape();
    }
  }

  /** Advances the time by one interval, and adds a sample to each series that has not ended. */
  async #scrape(): Promise<void> {
    const rolls = this.#rolls;
    this.store.now += STEP;
    const samples: Sample[] = [];
    for (const name of NAMES) {
      if (name === "gone" && !rolls.once(5)) continue;
      // Creates the series in an order that differs from the order of their labels.
      for (const series of [4, 1, 5, 0, 3, 2]) {
        const id = `${name} ${series}`;
        const time = this.store.now - series;
        if (!this.#ended.has(id)) samples.push(...this.#samplesOf(name, series, time));
        if (!rolls.once(25)) continue;
        if (this.#ended.delete(id)) continue;
        this.#ended.add(id);
        if (rolls.once(2)) samples.push({ name, series, time: time + 1, value: STALE });
      }
    }
    await append(this.store.db, samples);
  }

  #samplesOf(name: string, series: number, time: number): Sample[] {
    const rolls = this.#rolls;
    if (name === "memory" || name === "gone") return [{ name, series, time, value: this.#gauge() }];
    const id = `${name} ${series}`;
    const count = rolls.once(12)
      ? rolls.below(3)
      : (this.#counters.get(id) ?? 0) + rolls.below(9) * rolls.pick([1, 0.1]);
    this.#counters.set(id, count);
    if (name === "requests_total") return [{ name, series, time, value: count }];
    if (name === "latency_bucket")
      return BOUNDS.map((le, i) => ({ name, series, time, value: (count * (i + 1)) / 3, le }));
    // Adds floats to a histogram series for a while, with a low probability.
    return [{ name, series, time, value: rolls.once(20) ? count : histogramOf(Math.floor(count)) }];
  }

  #gauge(): number | bigint {
    const rolls = this.#rolls;
    return rolls.pick([rolls.below(100), 0.1 * rolls.below(1000), -0, NaN, STALE, Infinity, 1e300]);
  }

  #lateSamples(): Sample[] {
    const rolls = this.#rolls;
    return Array.from({ length: 1 + rolls.below(12) }, () => ({
      name: rolls.pick(["requests_total", "memory", "gone"]),
      series: rolls.below(SERIES),
      time: this.store.now - rolls.below(BLOCK * 4),
      value: this.#gauge(),
    }));
  }
}

const histogramOf = (count: number): FloatHistogram => ({
  ...EMPTY_HISTOGRAM,
  count: count * 2,
  sum: count * 3,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: Float64Array.of(count, count),
});

/** Makes a random vector expression with the given nesting depth. */
function vector(rolls: Rolls, depth: number): string {
  const name = rolls.pick([
    "requests_total",
    "requests_total",
    "memory",
    "memory",
    "gone",
    "latency",
    "latency_bucket",
  ]);
  const selector = `${name}${rolls.pick(["", "", '{job="a"}', '{instance=~"[0-3]"}'])}`;
  const offset = rolls.pick([
    "",
    "",
    "",
    "",
    " offset 5m",
    " offset 45s",
    " offset -1m",
    " @ end()",
    ` @ ${START / 1000 + 900}`,
  ]);
  if (depth === 0) return selector + offset;
  const inner = (): string => vector(rolls, depth - 1);
  const group = rolls.pick(["", "", " by (job) ", " by (instance) ", " without (instance, le) "]);
  switch (rolls.below(13)) {
    case 0:
    case 1:
      return `${rolls.pick(["rate", "increase", "irate", "idelta", "changes", "resets", "delta"])}(${selector}[${rolls.pick(["1m", "5m", "47s"])}]${offset})`;
    case 2:
      return `${rolls.pick(["max", "min", "count", "last", "present", "sum", "avg", "stddev", "absent", "first"])}_over_time(${selector}[3m]${offset})`;
    case 3:
      return `${rolls.pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])}${group}(${inner()})`;
    case 4:
      return `${rolls.pick(["topk", "bottomk", "quantile"])}${group}(${rolls.pick(["1", "2", "0.4"])}, ${inner()})`;
    case 5:
      return `${inner()} ${rolls.pick(["+", "/", "> bool", ">", "and", "unless", "or", "- on (instance)", "* on (instance, le) group_left ()"])} ${inner()}`;
    case 6:
      return `${rolls.pick(["abs", "ceil", "timestamp", "absent", "-", "", "histogram_count", "histogram_sum"])}(${inner()})`;
    case 7:
      return `${rolls.pick(["max_over_time", "last_over_time", "count_over_time", "rate", "changes", "irate"])}((${inner()})[4m:${rolls.pick(["", "30s", "47s"])}]${rolls.pick(["", "", " offset 2m"])})`;
    case 8:
      return `(${inner()}) ${rolls.pick(["* 2", "* time()", "+ scalar(sum(memory))", "> 3", "== bool 1"])}`;
    case 9:
      return `histogram_quantile(0.9, ${rolls.pick(["latency", "rate(latency[5m])", "latency_bucket", "rate(latency_bucket[5m])", inner()])})`;
    case 10:
      return `label_replace(${inner()}, "instance", "x", "job", "${rolls.pick(["a", "none"])}")`;
    case 11:
      return `${inner()} ${rolls.pick(["*", "> bool", "-"])} on (job) group_left () max by (job) (${inner()})`;
    default:
      return inner();
  }
}

/** Makes a random expression whose results can be cached. */
function reusableVector(rolls: Rolls): string {
  for (;;) {
    const text = vector(rolls, rolls.below(4));
    const parsed = parseExpression(text, TEST_LIMITS.features);
    if (parsed.ok && inputSpanOf(parsed.expr, TEST_LIMITS.features) !== undefined) return text;
  }
}

/** Writes four hours of samples. For the first hours, only downsampled data remains. */
async function fillDownsampled(store: Store, rolls: Rolls): Promise<void> {
  for (const name of ["requests_total", "memory", "gone"]) {
    const samples = Array.from({ length: SERIES * 480 }, (_, i) => ({
      name,
      series: i % SERIES,
      time: START + 2 * STEP * Math.floor(i / SERIES),
      value: rolls.below(100),
    }));
    // oxlint-disable-next-line no-await-in-loop -- the names are written one after the other
    await append(store.db, samples);
  }
  store.now = START + 2 * STEP * 480;
  // Writes the aggregates in a maintenance before the samples are deleted.
  await store.db.maintain();
  store.db.applyRetention({ timeMs: BLOCK * 4, sizeBytes: 0 });
  await store.db.maintain();
}

/** Makes random changes and queries. Expects the same results with and without the cache. */
async function compareAnswers(
  seed: number,
  downsampling: TsdbOptions["downsampling"] = [],
): Promise<{ readonly reused: number; readonly downsampled: number }> {
  const rolls = new Rolls(seed);
  const store = await openStore({ downsampling });
  const simulation = new World(store, rolls);
  const account = MemoryAccount.open({ limitBytes: 200 * MIB, reservedBytes: 0 });
  const isDownsampled = downsampling.length > 0;
  // Uses high sample limits if old samples are downsampled. In downsampled ranges few cached results are reused, and
  // none with a low sample limit.
  const few = isDownsampled ? [] : [3000, 800];
  const limits = { ...TEST_LIMITS, maxSamples: rolls.pick([TEST_LIMITS.maxSamples, TEST_LIMITS.maxSamples, ...few]) };
  const [evaluator, counters] = evaluatorOf(store.db.queryable, account, rolls.pick([MIB, 20_000]), limits);
  const plain = new Evaluator(store.db.queryable, limits, systemClock);
  let downsampled = 0;
  // oxlint-disable no-await-in-loop -- the order of writes and queries matters
  if (isDownsampled) await fillDownsampled(store, rolls);
  for (let i = 0; i < 10; i++) await simulation.change();
  const texts = [...Array.from({ length: 4 }, () => reusableVector(rolls)), vector(rolls, 3)];
  for (let round = 0; round < 40; round++) {
    if (rolls.once(3)) await simulation.change();
    const text = rolls.pick(texts);
    const step = rolls.pick([30_000, 30_000, 30_000, isDownsampled ? 300_000 : 47_000, 150_000]);
    const first = store.now - rolls.pick([20, 40, 41, 60, isDownsampled ? 180 : 60]) * step;
    const start = rolls.once(6) ? first : Math.floor(first / step) * step;
    const end = start + rolls.pick([20, 40, 45, 60]) * step + rolls.pick([0, 0, 1234]);
    const limit = rolls.pick([0, 0, 0, 0, 2]);
    const query = { text, start, end, step, limit, subqueryStepMs: 60_000 };
    const context = contextOf(account);
    const answer = await textOf(evaluator, query, context);
    context.charge.close();
    const expected = await textOf(plain, query, contextOf(account));
    expect(answer, `${text} from ${start} to ${end} each ${step}, limit ${limit}`).toBe(expected);
    if (expected.includes("are downsampled to")) downsampled++;
  }
  // oxlint-enable no-await-in-loop
  return { reused: counters.reusedSteps, downsampled };
}

test("answers from cached results equal those of evaluations, whatever was written, deleted and removed before", async () => {
  let reused = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => void (reused += (await compareAnswers(seed)).reused)),
    { numRuns: 10 },
  );
  expect(reused).toBeGreaterThan(100);
});

test("answers from cached results equal those of evaluations, even if only aggregates of older samples are left", async () => {
  const levels = [300_000, 3_600_000].map((resolutionMs) => ({ resolutionMs, retentionMs: 0 }));
  let [reused, downsampled] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const seen = await compareAnswers(seed, [{ matchers: [], levels }]);
      reused += seen.reused;
      downsampled += seen.downsampled;
    }),
    { numRuns: 3 },
  );
  expect(reused).toBeGreaterThan(0);
  expect(downsampled).toBeGreaterThan(0);
});
