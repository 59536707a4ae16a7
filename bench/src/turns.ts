import { Labels, Matcher } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch, type SampleBatch } from "@narthex/storage";
import { openTsdb, type Tsdb } from "@narthex/tsdb";
import { scale } from "./flags.ts";
import type { BenchCase, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const SERIES = Math.round(1_000_000 * scale());
/** Number of series in a commit, as in a large scrape. */
const PER_COMMIT = 10_000;
/** Number of series looked up in one iteration of the event loop, as in a scrape. */
const PER_TURN = 500;
const START_MS = 1_700_006_400_000;
const HOUR_MS = 3_600_000;
const EVERYTHING = [new Matcher("=~", "__name__", ".+")];

/** Returns the CPU time of the longest event loop iteration during `work`. CPU time does not depend on other load. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let isOver = false;
  let longest = 0;
  let since = cpu();
  const next = (): void => {
    const now = cpu();
    longest = Math.max(longest, now - since);
    since = now;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  await work();
  isOver = true;
  return Math.max(longest, cpu() - since);
}

const labelsOf = (i: number): Labels =>
  Labels.of({ __name__: `metric_${i % 500}`, instance: `host-${i % 3000}`, job: "bench", id: `${i}` });

/** A storage with many series, with the operations to measure. */
class Database {
  readonly #db: Tsdb;
  readonly #refs = new Float64Array(SERIES);

  constructor(db: Tsdb) {
    this.#db = db;
  }

  /** Creates all series with one sample each. */
  async makeSeries(time: number): Promise<void> {
    for (let from = 0; from < SERIES; from += PER_COMMIT) {
      const app = this.#db.appendable.appender();
      for (let i = from; i < Math.min(SERIES, from + PER_COMMIT); i++) {
        if (i % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        this.#refs[i] = app.series(labelsOf(i));
      }
      app.append(this.#batch(from, Math.min(SERIES, from + PER_COMMIT), time));
      await app.commit();
    }
  }

  /** Appends one sample to the series [0, end), in commits of `perCommit`. */
  async append(time: number, end: number, perCommit = PER_COMMIT): Promise<void> {
    for (let from = 0; from < end; from += perCommit) {
      const app = this.#db.appendable.appender();
      for (let part = from; part < Math.min(end, from + perCommit); part += PER_COMMIT) {
        await new Promise((resolve) => setImmediate(resolve));
        app.append(this.#batch(part, Math.min(end, part + PER_COMMIT), time));
      }
      await app.commit();
    }
  }

  #batch(from: number, to: number, time: number): SampleBatch {
    const batch = createSampleBatch(to - from);
    for (let i = from; i < to; i++) {
      batch.refs[i - from] = this.#refs[i]!;
      batch.timestamps[i - from] = time + (i % 7);
      batch.values[i - from] = i;
    }
    batch.count = to - from;
    return batch;
  }
}

/** Runs operations that blocked the event loop for the whole operation in earlier versions. */
async function run(): Promise<Map<string, number>> {
  using folder = new ScratchFolder();
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(folder.path, {
    clock: systemClock,
    logger,
    retentionMs: 0,
    outOfOrderTimeWindowMs: 2 * HOUR_MS,
    blockReloadIntervalMs: 1000 * HOUR_MS,
  });
  const storage = new Database(db);
  const found = new Map<string, number>();
  const measure = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    found.set(what, await longestTurn(work));
  };
  await measure("new series", () => storage.makeSeries(START_MS));
  await storage.append(START_MS + HOUR_MS, SERIES);
  const late = START_MS + HOUR_MS / 2;
  await measure("late samples, 100,000 in a commit", () => storage.append(late, SERIES, 100_000));
  await measure("/api/v1/status/tsdb", () => db.stats(10));
  await measure("delete_series, head", () => db.deleteSeries(EVERYTHING, START_MS, START_MS + 1000));
  // Appends to half of the series, so that the compaction of the head removes the other half.
  await storage.append(START_MS + 4 * HOUR_MS, SERIES / 2);
  await measure("cut of the head and of late samples, half of the series end", () => db.maintain());
  await measure("delete_series, block", () => db.deleteSeries(EVERYTHING, START_MS, START_MS + HOUR_MS));
  await db.close();
  return found;
}

/**
 * Measures how long the storage blocks the event loop. Measures only the library, so there is no other program to
 * compare.
 */
export const turnsCase: BenchCase = {
  name: "turns",
  byName: true,
  async run() {
    const found = await run();
    const figures = [...found].map(([what, ms]): Figure => {
      return { what: `longest turn: ${what}`, unit: "ms", better: "lower", ours: [ms], peer: [] };
    });
    return { setting: `${SERIES} series of 4 labels, CPU time of the main thread`, figures };
  },
};
