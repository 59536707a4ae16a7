import { type FloatHistogram, Labels, Matcher } from "@narthex/model";
import { createLogger } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK, type SampleBatch, SampleColumns } from "@narthex/storage";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import { type HeldResources, heldResources } from "./held-resources.ts";

/**
 * Length of a minute in ms. The test uses short times: blocks of two minutes are merged into blocks of six minutes and
 * kept for twelve minutes.
 */
const MINUTE = 60_000;
const BLOCK_MS = 2 * MINUTE;
const START = BLOCK_MS * 3 * 4_000_000;
const QUERY_EVERY_MS = 30_000;
const DELETE_EVERY_MINUTES = 7;
const NAMES = 20;
const HISTOGRAMS = 10;

export interface SoakPlan {
  readonly dir: string;
  readonly series: number;
  readonly intervalMs: number;
  readonly minutes: number;
  /** Fraction of the series that other series replace each minute. */
  readonly churn: number;
}

export interface SoakReport {
  readonly samples: number;
  readonly read: number;
  /** Resources at the end of each minute of the second quarter of the run, then of each minute of the last quarter. */
  readonly held: readonly HeldResources[];
}

/**
 * Runs a database through minutes of a test clock, as fast as possible. Each interval has a commit with floats,
 * histograms, exemplars and out-of-order samples. Series begin and end, and there are queries and deletions. The work
 * of all database timers also runs.
 */
export async function soak(plan: SoakPlan): Promise<SoakReport> {
  const clock = new ManualClock(START);
  const db = await openTsdb(plan.dir, {
    clock,
    logger: createLogger({ level: "error", format: "logfmt", clock, write: () => {} }),
    minBlockDurationMs: BLOCK_MS,
    maxBlockDurationMs: BLOCK_MS * 3,
    retentionMs: BLOCK_MS * 6,
    outOfOrderTimeWindowMs: MINUTE,
    maxExemplars: 1000,
    walSegmentBytes: 4 * 1024 * 1024,
  });
  const life = new Life(db, plan);
  const held: HeldResources[] = [];
  try {
    for (let minute = 0; minute < plan.minutes; minute++) {
      // oxlint-disable no-await-in-loop -- each step depends on the previous one
      for (let at = 0; at < MINUTE; at += plan.intervalMs) {
        await life.scrape(START + minute * MINUTE + at);
        await clock.advance(plan.intervalMs);
        if (at % QUERY_EVERY_MS === 0) await life.query(START + minute * MINUTE + at);
      }
      life.replaceSome(minute);
      if (minute % DELETE_EVERY_MINUTES === DELETE_EVERY_MINUTES - 1) await life.deleteSome(minute);
      await db.maintain();
      const quarter = Math.floor((minute * 4) / plan.minutes);
      if (quarter === 1 || quarter === 3) held.push(await heldResources(db, plan.dir));
    }
    return { samples: life.samples, read: life.read, held };
  } finally {
    await db.close();
  }
}

class Life {
  samples = 0;
  read = 0;
  readonly #db: Tsdb;
  readonly #labels: Labels[];
  readonly #batch: SampleBatch;
  readonly #columns = new SampleColumns();
  #born = 0;
  #next = 0;
  #scrapes = 0;

  constructor(db: Tsdb, { series, churn }: SoakPlan) {
    this.#db = db;
    this.#labels = Array.from({ length: series }, () => this.#newLabels());
    this.#replaced = Math.ceil(series * churn);
    this.#batch = createSampleBatch(series + Math.ceil(series / 100));
  }

  readonly #replaced: number;

  /** Commits one transaction: a sample of every series, and out-of-order samples of a few series. */
  async scrape(time: number): Promise<void> {
    const app = this.#db.appendable.appender();
    const batch = this.#batch;
    const round = this.#scrapes++;
    for (const [i, labels] of this.#labels.entries()) {
      batch.refs[i] = app.series(labels);
      batch.timestamps[i] = time;
      batch.values[i] = i % 3 === 0 ? round * (i + 1) : i % 3 === 1 ? i : Math.sin(round + i);
    }
    let count = this.#labels.length;
    for (let i = round > 2 ? round % 100 : count; i < this.#labels.length; i += 100) {
      batch.refs[count] = batch.refs[i]!;
      batch.timestamps[count] = time - 1;
      batch.values[count] = i;
      count++;
    }
    batch.count = count;
    app.append(batch);
    for (let i = 0; i < HISTOGRAMS; i++) {
      const ref = app.series(Labels.of({ __name__: "latency_seconds", i: String(i) }));
      if (app.appendHistogram(ref, time, histogramOf(round, i)) !== OUTCOME_OK) throw new Error("histogram refused");
      app.appendExemplar(batch.refs[i]!, { labels: Labels.of({ trace: String(round) }), value: i, timestamp: time });
    }
    if (batch.outcomes.subarray(0, this.#labels.length).some((outcome) => outcome !== OUTCOME_OK)) {
      throw new Error(`samples refused at ${time}`);
    }
    this.samples += count + HISTOGRAMS;
    await app.commit();
  }

  /** Replaces a share of the series by new ones. */
  replaceSome(minute: number): void {
    for (let i = 0; i < this.#replaced; i++) {
      this.#labels[this.#next] = this.#newLabels(minute);
      this.#next = (this.#next + 1) % this.#labels.length;
    }
  }

  /** Reads all samples of a metric name, and the values of labels. */
  async query(time: number): Promise<void> {
    const querier = this.#db.queryable.querier(time - BLOCK_MS * 6, time);
    const name = new Matcher("=", "__name__", `metric_${this.#scrapes % NAMES}`);
    const set = await querier.select([name], { start: time - BLOCK_MS * 6, end: time });
    for (let i = 0; i < set.labels.length; i++) {
      set.read(i, time - BLOCK_MS * 6, time, this.#columns);
      this.read += this.#columns.count;
    }
    await querier.labelValues("instance", [name]);
    querier.close();
  }

  async deleteSome(minute: number): Promise<void> {
    const end = START + minute * MINUTE;
    await this.#db.deleteSeries([new Matcher("=", "__name__", `metric_${minute % NAMES}`)], end - BLOCK_MS * 3, end);
    await this.#db.cleanTombstones();
  }

  #newLabels(minute = 0): Labels {
    const i = this.#born++;
    return Labels.of({ __name__: `metric_${i % NAMES}`, instance: `host-${i % 500}`, pod: `pod-${minute}-${i}` });
  }
}

/** Returns a histogram that grows and resets regularly. */
function histogramOf(round: number, i: number): FloatHistogram {
  const step = (round % 50) + 1;
  const buckets = Float64Array.from({ length: 4 + i }, (_, k) => step * (k + 1));
  return {
    resetHint: "unknown",
    schema: 3,
    zeroThreshold: 1e-9,
    zeroCount: step,
    count: buckets.reduce((sum, bucket) => sum + bucket, step),
    sum: step * 1.5,
    positiveSpans: [{ offset: i, length: buckets.length }],
    positiveBuckets: buckets,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customBounds: undefined,
    integer: i % 2 === 0,
  };
}

/**
 * Allowed growth of a figure from the second to the last quarter: a share of the figure plus a constant. The sizes of
 * the JavaScript heap and of the process have no limit, because the garbage collector and the allocator decide when
 * they return memory. The size of slabs has no limit, because it never decreases. A person must judge the figures
 * without a limit.
 */
const ALLOWED: Readonly<Partial<Record<keyof HeldResources, readonly [share: number, more: number]>>> = {
  objects: [0.03, 100],
  slabUsedBytes: [0.1, 0],
  // Allows 16 more file descriptors. Two worker threads with four descriptors each end when they are idle, and the
  // system decides how long that takes. A leak of one thread per start would be larger.
  descriptors: [0, 16],
  threads: [0, 4],
  files: [0.05, 2],
  folderBytes: [0.1, 0],
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Returns the medians of the second quarter, in which the sizes have settled, and of the last quarter. */
export function quarters(
  held: readonly HeldResources[],
): Readonly<Record<keyof HeldResources, readonly [second: number, last: number]>> {
  const half = Math.floor(held.length / 2);
  const of = (part: readonly HeldResources[], key: keyof HeldResources): number => median(part.map((one) => one[key]));
  const keys = Object.keys(held[0]!) as (keyof HeldResources)[];
  return Object.fromEntries(
    keys.map((key) => [key, [of(held.slice(0, half), key), of(held.slice(half), key)]]),
  ) as Record<keyof HeldResources, [number, number]>;
}

/** Returns a message for each number that grew by more than the allowed growth. */
export function leaks(held: readonly HeldResources[]): string[] {
  return Object.entries(quarters(held)).flatMap(([key, [second, last]]) => {
    const [share, more] = ALLOWED[key as keyof HeldResources] ?? [Infinity, 0];
    return last > second * (1 + share) + more ? [`${key}: ${second} in the second quarter, ${last} in the last`] : [];
  });
}
