import { existsSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, SampleAggregates } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { attachStorage } from "../share/attach-storage.ts";
import { contentsOf } from "../testing/contents.ts";
import { refusing } from "../testing/refusing-files.ts";
import { onThisThread, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 24 * HOUR * 20_000;
const FIVE_MINUTES = 300_000;

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { files: onThisThread, maxBlockDurationMs: 2 * HOUR, ...options });

async function fill(db: Tsdb, hours: number, names: readonly string[] = ["a", "b"], first = 0): Promise<void> {
  for (let from = START + first * HOUR; from < START + hours * HOUR; from += 2 * HOUR) {
    const app = db.appendable.appender();
    for (const name of names) {
      const ref = app.series(Labels.of({ __name__: name }));
      const batch = createSampleBatch(120);
      for (let time = from + MINUTE; time <= from + 2 * HOUR; time += MINUTE) {
        if (name === "h") {
          app.appendHistogram(ref, time, histogramOf(2, { sum: (time - START) / MINUTE }));
          continue;
        }
        batch.refs[batch.count] = ref;
        batch.timestamps[batch.count] = time;
        batch.values[batch.count++] = (time - START) / MINUTE;
      }
      app.append(batch);
    }
    await app.commit();
    await db.maintain();
  }
}

const rule = (name: string | undefined, ...levels: (readonly [resolutionMs: number, retentionMs: number])[]) => ({
  matchers: name === undefined ? [] : [new Matcher("=", "__name__", name)],
  levels: levels.map(([resolutionMs, retentionMs]) => ({ resolutionMs, retentionMs })),
});

const namesIn = (dir: string): string[] =>
  existsSync(join(dir, "downsampled")) ? readdirSync(join(dir, "downsampled")).sort() : [];

interface Hour {
  /** Number of original samples in this hour, according to the rows of aggregates. */
  readonly samples: number;
  readonly rows: number;
}

/**
 * Returns the rows of aggregates of a series by hour since the start. An original sample counts as a row of one sample.
 */
async function hoursOf(db: Pick<Tsdb, "queryable">, name: string, window = HOUR): Promise<Map<number, Hour>> {
  const querier = db.queryable.querier(START, START + 100 * HOUR);
  try {
    const hints = { start: START, end: START + 100 * HOUR, window };
    const set = await querier.select([new Matcher("=", "__name__", name)], hints);
    const found = new SampleAggregates();
    if (set.labels.length === 0 || set.readAggregates?.(0, START, START + 100 * HOUR, found) !== true) return new Map();
    const hours = new Map<number, Hour>();
    for (let row = 0; row < found.rows; row++) {
      const hour = Math.ceil((found.time[row]! - START) / HOUR);
      const { samples, rows } = hours.get(hour) ?? { samples: 0, rows: 0 };
      hours.set(hour, { samples: samples + found.count[row]!, rows: rows + 1 });
    }
    return new Map([...hours].filter(([, { samples, rows }]) => samples > rows));
  } finally {
    querier.close();
  }
}

/** Returns whether a query marks the samples of some hours (counted from the start) as downsampled. */
async function isDownsampled(db: Tsdb, name: string, from: number, to: number): Promise<boolean> {
  const [start, end] = [START + from * HOUR, START + to * HOUR];
  const querier = db.queryable.querier(start, end);
  try {
    const set = await querier.select([new Matcher("=", "__name__", name)], { start, end, window: MINUTE });
    return set.downsampled !== undefined;
  } finally {
    querier.close();
  }
}

/**
 * Returns the hours for which the result has `rows` rows of aggregates, or one more. At the border of two downsampled
 * blocks, both blocks may contribute a row.
 */
const knownBy = (hours: ReadonlyMap<number, Hour>, rows: number): number[] =>
  [...hours].flatMap(([hour, known]) => (known.rows === rows || known.rows === rows + 1 ? [hour] : []));

const upTo = (hour: number, from = 1): number[] => Array.from({ length: hour - from + 1 }, (_, i) => from + i);

test("samples past retention are kept in aggregates as long as the rule of their series says, even after a start", async () => {
  const dir = temporaryFolder();
  const rules = [rule("a", [FIVE_MINUTES, 16 * HOUR], [HOUR, 0]), rule(undefined, [HOUR, 0])];
  const options = { retentionMs: 8 * HOUR, downsampling: rules };
  const db = await open(dir, options);
  await fill(db, 30);
  const hourly = await hoursOf(db, "b");
  expect([...hourly.values()].every(({ samples }) => samples === 60)).toBe(true);
  expect(knownBy(hourly, 1)).toEqual(upTo(20));
  expect(await hoursOf(db, "a")).toEqual(hourly);
  expect(await hoursOf(db, "b", FIVE_MINUTES)).toEqual(hourly);
  const fine = await hoursOf(db, "a", FIVE_MINUTES);
  // Fine rows (12 per hour) exist only within their retention. Queries of earlier hours get coarse rows (1 per hour).
  expect([...knownBy(fine, 1), ...knownBy(fine, 12)]).toEqual(upTo(20));
  expect(knownBy(fine, 12).length).toBeGreaterThan(4);
  expect([...fine.values()].every(({ samples }) => samples === 60)).toBe(true);
  await db.close();
  const again = await open(dir, { ...options, files: diskFiles });
  expect([await hoursOf(again, "a", FIVE_MINUTES), await hoursOf(again, "b")]).toEqual([fine, hourly]);
  const share = again.share();
  const attached = attachStorage(share.handles);
  expect(await hoursOf(attached, "a", FIVE_MINUTES)).toEqual(fine);
  attached.close();
  share.release();
});

test("without rules no folder of aggregates is created, and existing aggregates stay and are read", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { retentionMs: 8 * HOUR });
  await fill(db, 14);
  expect(existsSync(join(dir, "downsampled"))).toBe(false);
  db.applyDownsampling([rule(undefined, [HOUR, 0])]);
  await db.compactNow();
  expect(namesIn(dir).length).toBeGreaterThan(0);
  const before = namesIn(dir);
  db.applyDownsampling([]);
  await db.maintain();
  expect(namesIn(dir)).toEqual(before);
  await fill(db, 30, ["a", "b"], 14);
  expect(db.minTime).toBeGreaterThan(START + 16 * HOUR);
  // The first four hours are missing, because their samples were removed before the first rule existed. Hours from the
  // ninth on are missing, because they were not old enough when the rules were removed.
  expect(knownBy(await hoursOf(db, "a"), 1)).toEqual(upTo(8, 5));
});

test("deleted samples disappear from aggregates immediately, and from the disk at the next cleaning", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(db, 30, ["a", "b", "h"]);
  const [before, other] = [await hoursOf(db, "a"), await hoursOf(db, "b")];
  await db.deleteSeries([new Matcher("=", "__name__", "a")], START + 3.5 * HOUR, START + 4.5 * HOUR);
  await db.deleteSeries([new Matcher("=", "__name__", "h")], START, START + 10 * HOUR);
  const left = new Map([...before].filter(([hour]) => hour !== 4 && hour !== 5));
  expect(knownBy(before, 1)).toEqual(upTo(20));
  expect([...(await hoursOf(db, "a")).keys()]).toEqual([...left.keys()]);
  const contents = await contentsOf(db.queryable);
  await db.cleanTombstones();
  expect([[...(await hoursOf(db, "a")).keys()], await hoursOf(db, "b")]).toEqual([[...left.keys()], other]);
  expect(await contentsOf(db.queryable)).toEqual(contents);
  await db.deleteSeries([new Matcher("=~", "__name__", ".+")], START, START + 100 * HOUR);
  await db.cleanTombstones();
  expect(namesIn(dir)).toEqual([]);
});

test("raw samples are preferred to aggregates, even after a gap or after they were rewritten without deleted samples", async () => {
  const cleaned = await open(temporaryFolder(), { retentionMs: 0, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(cleaned, 12);
  await cleaned.deleteSeries([new Matcher("=", "__name__", "b")], START, START + 12 * HOUR);
  await cleaned.cleanTombstones();
  expect(cleaned.collect()["narthex_tsdb_downsampled_blocks"]).toBeGreaterThan(2);
  expect(await isDownsampled(cleaned, "a", 2.5, 3.5)).toBe(false);

  const dir = temporaryFolder();
  const gap = await open(dir, { retentionMs: 24 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(gap, 20);
  await fill(gap, 44, ["a", "b"], 22);
  expect(gap.minTime).toBeGreaterThan(START + 16 * HOUR);
  expect(gap.minTime).toBeLessThan(START + 20 * HOUR);
  expect(await isDownsampled(gap, "a", 22.5, 23.5)).toBe(false);
  expect(await isDownsampled(gap, "a", 12, 13)).toBe(true);
});

test("a resolution that is added later hides no samples of another resolution", async () => {
  const db = await open(temporaryFolder(), { retentionMs: 24 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(db, 38);
  expect(knownBy(await hoursOf(db, "a", FIVE_MINUTES), 1)).toEqual(upTo(12));
  // Adds the rule with the finer resolution after the original samples before hour 12 were removed. The fine block for
  // the hours 8 to 16 therefore has only samples from hour 12 on.
  db.applyDownsampling([rule(undefined, [FIVE_MINUTES, 0], [HOUR, 0])]);
  await db.maintain();
  await fill(db, 44, ["a", "b"], 38);
  const known = await hoursOf(db, "a", FIVE_MINUTES);
  expect([knownBy(known, 1), knownBy(known, 12)]).toEqual([upTo(12), upTo(18, 13)]);
  expect([...known.values()].every(({ samples }) => samples === 60)).toBe(true);
});

test("samples that have not been downsampled yet are downsampled before retention removes them", async () => {
  const stopped = await open(temporaryFolder(), { retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(stopped, 10);
  await fill(stopped, 40, ["a", "b"], 30);
  await stopped.maintain();
  expect(stopped.minTime).toBeGreaterThan(START + 20 * HOUR);
  expect(knownBy(await hoursOf(stopped, "a"), 1).slice(0, 10)).toEqual(upTo(10));

  const dir = temporaryFolder();
  const reloaded = await open(dir, { retentionMs: 0 });
  await fill(reloaded, 30);
  await reloaded.close();
  const again = await open(dir, { retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  expect(again.minTime).toBeLessThan(START + 2 * HOUR);
  await again.maintain();
  expect(again.minTime).toBeGreaterThan(START + 18 * HOUR);
  expect(knownBy(await hoursOf(again, "a"), 1)).toEqual(upTo(20));
});

test("retention waits at most an hour for samples that cannot be downsampled", async () => {
  const clock = new ManualClock();
  const dir = temporaryFolder();
  const first = await open(dir, { retentionMs: 0 });
  await fill(first, 30);
  await first.close();
  const options = {
    clock,
    files: refusing("makeFolder", (path) => path.includes("downsampled")),
    blockReloadIntervalMs: 100 * HOUR,
  };
  const db = await open(dir, { ...options, retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  for (const [minutes, isKept] of [
    [0, true],
    [59, true],
    [1, false],
  ] as const) {
    await clock.advance(minutes * MINUTE);
    await expect(db.maintain()).rejects.toThrow("no space");
    expect([minutes, db.minTime < START + 2 * HOUR]).toEqual([minutes, isKept]);
  }
});

test("a downsampling that the system refuses is tried again; one that fails because of damage is not", async () => {
  const dir = temporaryFolder();
  const first = await open(dir, { retentionMs: 0 });
  await fill(first, 10);
  const damaged = join(dir, first.blocks()[0]!.ulid, "chunks", "000001");
  await first.close();
  let isRefused = false;
  const files = refusing("open", (path) => isRefused && path.includes("chunks/"), "EMFILE");
  const options = { retentionMs: 0, downsampling: [rule(undefined, [HOUR, 0])] };
  const db = await open(dir, { ...options, files });
  isRefused = true;
  await expect(db.maintain()).rejects.toThrow("EMFILE");
  isRefused = false;
  await db.maintain();
  expect(db.collect()["narthex_tsdb_downsampled_blocks"]).toBe(2);
  await db.close();

  rmSync(join(dir, "downsampled"), { recursive: true });
  const again = await open(dir, options);
  truncateSync(damaged, 50);
  await expect(again.maintain()).rejects.toThrow("chunks");
  await again.maintain();
  expect(again.collect()["narthex_tsdb_downsampled_blocks"]).toBe(1);
});

test("retention by size removes the oldest data of both kinds: aggregates with unlimited retention do not displace samples", async () => {
  const dir = temporaryFolder();
  const logger = memoryLogger();
  const db = await open(dir, { retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])], logger });
  await fill(db, 40);
  const found = async (sizeBytes: number): Promise<readonly [samples: number, aggregates: number]> => {
    db.applyRetention({ timeMs: 0, sizeBytes });
    // Deletes no samples. The test calls it because a deletion also applies the retention.
    await db.deleteSeries([new Matcher("=", "__name__", "none")], 0, 1);
    const metrics = db.collect();
    return [db.blocks().length, metrics["narthex_tsdb_downsampled_blocks"] as number];
  };
  const [samples, aggregates] = await found(0);
  expect(aggregates).toBeGreaterThan(12);
  const seen = [];
  for (let size = 2 ** 22; seen.at(-1)?.[0] !== 0; size = Math.floor(size * 0.98)) seen.push(await found(size));
  // Expects that all aggregates whose samples no longer exist are removed before any block of samples is removed.
  expect(seen.findLast(([left]) => left === samples)![1]).toBeLessThan(5);
  expect(seen.at(-1)).toEqual([0, 0]);
  expect(JSON.stringify(logger.lines)).toContain('"downsampled":');
});

test("downsampling keeps the first and the last native histogram of each window", async () => {
  const db = await open(temporaryFolder(), { retentionMs: 8 * HOUR, downsampling: [rule(undefined, [HOUR, 0])] });
  await fill(db, 30, ["h"]);
  const times = [...(await contentsOf(db.queryable)).get('{__name__="h"}')!.keys()].map(
    (time) => (time - START) / MINUTE,
  );
  expect(times.slice(0, 6)).toEqual([1, 60, 61, 119, 120, 121]);
  expect(await hoursOf(db, "h")).toEqual(new Map());
});

test("a start moves a damaged block of aggregates to another folder; until then the block is reported", async () => {
  const dir = temporaryFolder();
  const options = { retentionMs: 0, downsampling: [rule(undefined, [HOUR, 0])] };
  const db = await open(dir, options);
  await fill(db, 10);
  const [name] = namesIn(dir);
  await db.close();
  truncateSync(join(dir, "downsampled", name!, "index"), 100);
  const again = await open(dir, options);
  expect(namesIn(dir)).toContain("damaged");
  expect(again.damagedBlocks().map(({ ulid, isAside }) => [ulid, isAside])).toEqual([[name, true]]);
  // Expects that the maintenance computes the damaged block again, because the original samples still exist.
  await again.maintain();
  expect(again.collect()["narthex_tsdb_downsampled_blocks"]).toBe(2);
});
