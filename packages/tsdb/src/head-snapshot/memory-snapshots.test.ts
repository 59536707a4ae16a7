import { cpSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { refusing } from "../testing/refusing-files.ts";
import { removalsDone } from "../testing/removals.ts";
import { systemError } from "../testing/system-error.ts";
import { copyOf } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

const SERIES = 1500;
const STEP_MS = 15_000;
const INTERVAL_MS = 600_000;

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    lockFile: false,
    memorySnapshotIntervalMs: INTERVAL_MS,
    ...options,
  });

const snapshotsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.startsWith("chunk_snapshot."));

const seriesOf = (i: number): Labels => Labels.of({ __name__: `m${i}`, zone: i % 3 === 0 ? "ü" : "b" });

/** Appends one sample at `time` to each series whose number is at least `from` and below `to`. */
async function append(db: Tsdb, time: number, from: number, to: number): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(to - from);
  for (let i = from; i < to; i++) {
    batch.refs[i - from] = app.series(seriesOf(i));
    batch.timestamps[i - from] = time;
    batch.values[i - from] = time * 3 + i;
  }
  batch.count = to - from;
  app.append(batch);
  expect(batch.outcomes.subarray(0, batch.count).every((outcome) => outcome === OUTCOME_OK)).toBe(true);
  await app.commit();
}

/** Appends enough samples to close the open chunks and begin new ones. */
async function fill(db: Tsdb, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await append(db, round * STEP_MS, 0, SERIES);
}

async function count(db: Tsdb): Promise<number> {
  const contents = await contentsOf(db.queryable);
  return [...contents.values()].reduce((sum, samples) => sum + samples.size, 0);
}

test("after a kill at any file change during a snapshot with concurrent appends, a start has all samples", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const images: { readonly copy: string; readonly samples: number }[] = [];
  let samples = 0;
  let isTaking = false;
  const image = (): void => {
    if (isTaking) images.push({ copy: copyOf(dir), samples });
  };
  const imaged =
    <A extends unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      image();
      const result = work(...args);
      image();
      return result;
    };
  const appended: Promise<void>[] = [];
  let time = 119 * STEP_MS;
  let from = SERIES;
  let db: Tsdb;
  /**
   * Appends samples while a snapshot is being written. The samples close chunks of series that the snapshot writes
   * last, and add new series.
   */
  const appendBeside = (): void => {
    from = from === 0 ? SERIES - 100 : from - 100;
    if (from === SERIES - 100) time += STEP_MS;
    // Collects the promises of the appends only to see errors, because a small commit is applied before append()
    // returns.
    appended.push(append(db, time, from, from + 100), append(db, time, SERIES + samples, SERIES + samples + 1));
    samples += 101;
  };
  let draft = -1;
  const files: Files = {
    ...diskFiles,
    open(path, mode) {
      const file = diskFiles.open(path, mode);
      if (path.includes("chunk_snapshot.") && mode !== "r") draft = file;
      return file;
    },
    write(file, bytes) {
      const count = diskFiles.write(file, bytes);
      if (isTaking && file === draft) appendBeside();
      return count;
    },
    rename: imaged((before, after) => diskFiles.rename(before, after)),
    remove: imaged((path) => diskFiles.remove(path)),
    syncFolder: imaged((path) => diskFiles.syncFolder(path)),
  };
  db = await open(dir, { clock, files });
  await fill(db, 119);
  samples = 119 * SERIES;
  isTaking = true;
  for (let taken = 1; taken <= 2; taken++) {
    await clock.advance(INTERVAL_MS);
    await db.maintain();
    draft = -1;
    await Promise.all(appended);
    expect(snapshotsIn(dir)).toHaveLength(1);
  }
  image();
  isTaking = false;
  const whole = await contentsOf(db.queryable);
  await db.close();
  expect(images.length).toBeGreaterThan(8);
  expect(appended.length).toBeGreaterThan(8);
  let loaded = 0;
  for (const { copy, samples: expected } of images) {
    const logger = memoryLogger();
    const again = await open(copy, { logger });
    if (logger.lines.some(({ message }) => message === "memory snapshot loaded")) loaded++;
    expect(await count(again)).toBe(expected);
    if (copy === images.at(-1)!.copy) expect(await contentsOf(again.queryable)).toEqual(whole);
    await again.close();
  }
  expect(loaded).toBeGreaterThan(2);
});

test("a start uses the log instead of a snapshot if the chunk files were copied before the snapshot was taken", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { clock });
  await fill(db, 125);
  const before = copyOf(dir);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const copy = copyOf(dir);
  rmSync(join(copy, "chunks_head"), { recursive: true });
  cpSync(join(before, "chunks_head"), join(copy, "chunks_head"), { recursive: true });
  const logger = memoryLogger();
  const again = await open(copy, { logger });
  expect(logger.lines.map(({ fields }) => fields["reason"])).toContain("head chunk files it builds on are missing");
  expect(await contentsOf(again.queryable)).toEqual(await contentsOf(db.queryable));
  expect(snapshotsIn(copy)).toEqual([]);
  await again.close();
  await db.close();
});

test("a snapshot is taken when the log has grown and the interval is over; while nothing changes, no other is taken", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { clock, blockReloadIntervalMs: 24 * 3_600_000 });
  await append(db, 0, 0, 10);
  await db.maintain();
  expect(snapshotsIn(dir)).toEqual([]);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const [first] = snapshotsIn(dir);
  expect(first).toBeDefined();
  await clock.advance(2 * INTERVAL_MS);
  await db.maintain();
  expect(snapshotsIn(dir)).toEqual([first]);
  await append(db, STEP_MS, 0, 10);
  await db.maintain();
  expect(snapshotsIn(dir)).toHaveLength(1);
  expect(snapshotsIn(dir)).not.toEqual([first]);
  await db.deleteSeries([new Matcher("=", "__name__", "m3")], 0, STEP_MS);
  const left = await contentsOf(db.queryable);
  const again = await open(copyOf(dir));
  expect(await contentsOf(again.queryable)).toEqual(left);
  await again.close();
  await db.close();
});

test("a snapshot of more than 1 MiB is taken only if the log is about ten times as large", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  let moreBytes = 0;
  const files: Files = {
    ...diskFiles,
    stat(path) {
      const { size, ...rest } = diskFiles.stat(path);
      return { ...rest, size: path.endsWith("/wal/00000000") ? size + moreBytes : size };
    },
  };
  const db = await open(dir, { clock, files, blockReloadIntervalMs: 24 * 3_600_000 });
  // The expected size of these series is 1.2 MB.
  await append(db, 0, 0, 20_000);
  for (const [bytes, snapshots] of [
    [0, 0],
    [8_000_000, 0],
    [20_000_000, 1],
  ] as const) {
    moreBytes = bytes;
    await clock.advance(INTERVAL_MS);
    await db.maintain();
    expect(snapshotsIn(dir), `${bytes}`).toHaveLength(snapshots);
  }
  expect(snapshotsIn(dir)[0]).toMatch(/\.batches$/);
  expect(folderBytes(join(dir, snapshotsIn(dir)[0]!), diskFiles)).toBeLessThan(1_400_000);
  const again = await open(copyOf(dir));
  expect(await count(again)).toBe(20_000);
  await again.close();
  await db.close();
});

const HOUR_MS = 3_600_000;
/** Options with a maintenance interval so long that the timer does not interfere with the test. */
/** Segments so small that the log has enough of them for a checkpoint. */
const SMALL_SEGMENTS = { walSegmentBytes: 32 * 1024 } as const;
const NO_UPKEEP = { blockReloadIntervalMs: 1000 * HOUR_MS } as const;

async function describe(db: Tsdb, from: number, to: number, help: string): Promise<void> {
  const app = db.appendable.appender();
  for (let i = from; i < to; i++) app.appendMetadata!(app.series(seriesOf(i)), { type: "gauge", help, unit: "" });
  await app.commit();
}

const helpsOf = (db: Tsdb): Map<string, string> =>
  new Map([...db.metadata()].map(([labels, { help }]) => [labels.get("__name__"), help]));

test("the log contains the series that open transactions added while a snapshot was written", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  let make: (() => void) | undefined;
  const files: Files = {
    ...diskFiles,
    open(path, mode) {
      if (path.includes("chunk_snapshot.") && mode !== "r") make?.();
      return diskFiles.open(path, mode);
    },
  };
  const db = await open(dir, { ...NO_UPKEEP, clock, files });
  await append(db, 0, 0, 10);
  const app = db.appendable.appender();
  make = () => void app.series(seriesOf(SERIES));
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  make = undefined;
  const copy = copyOf(dir);
  app.rollback();
  await db.close();
  const second = await open(copy);
  await append(second, STEP_MS, SERIES, SERIES + 1);
  await second.close();
  const third = await open(copy, { memorySnapshotIntervalMs: 0 });
  expect(await count(third)).toBe(11);
  await third.close();
});

test("the time before the next attempt doubles after each failed snapshot, however the log grows", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  let isFull = true;
  let tried = 0;
  const files: Files = {
    ...diskFiles,
    stat(path) {
      const { size, ...rest } = diskFiles.stat(path);
      return { ...rest, size: path.includes("/wal/") ? size + 2 ** 30 : size };
    },
    rename(before, after) {
      if (after.includes("chunk_snapshot.")) {
        tried++;
        if (isFull) throw systemError("ENOSPC", after);
      }
      diskFiles.rename(before, after);
    },
  };
  const db = await open(dir, { ...NO_UPKEEP, clock });
  await append(db, 0, 0, 10);
  await db.close();
  const logger = memoryLogger();
  const again = await open(dir, { ...NO_UPKEEP, clock, files, logger });
  const attempts: number[] = [];
  for (let minute = 0; minute < 80; minute++) {
    const before = tried;
    await again.maintain();
    if (tried > before) attempts.push(minute);
    await clock.advance(INTERVAL_MS / 10);
  }
  expect(attempts).toEqual([0, 10, 30, 70]);
  isFull = false;
  await clock.advance(8 * INTERVAL_MS);
  await again.maintain();
  expect(snapshotsIn(dir)).toHaveLength(1);
  await again.maintain();
  expect(tried).toBe(6);
  await again.close();
});

test("a server with metadata takes no further snapshot while the log does not grow", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { ...NO_UPKEEP, clock });
  await append(db, 0, 0, 10);
  await describe(db, 0, 10, "what it measures");
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const taken = snapshotsIn(dir);
  expect(taken).toHaveLength(1);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  expect(snapshotsIn(dir)).toEqual(taken);
  await append(db, STEP_MS, 0, 10);
  await db.maintain();
  expect(snapshotsIn(dir)).not.toEqual(taken);
  await db.close();
});

test("a snapshot contains the metadata in small records, does not log it again, and includes concurrent commits", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const sizes: number[] = [];
  let metadataFile = -1;
  let concurrent: Promise<void> | undefined;
  let db: Tsdb;
  const files: Files = {
    ...diskFiles,
    open(path, mode) {
      const file = diskFiles.open(path, mode);
      if (path.includes(".tmp/metadata/")) metadataFile = file;
      return file;
    },
    write(file, bytes) {
      const count = diskFiles.write(file, bytes);
      if (file !== metadataFile) return count;
      sizes.push(bytes.length);
      // Changes the metadata of all series while the snapshot writes its second record of metadata.
      if (sizes.length === 2) concurrent = Promise.resolve().then(() => describe(db, 0, SERIES, "new"));
      return count;
    },
  };
  db = await open(dir, { ...NO_UPKEEP, clock, files, walCompression: "none" });
  await append(db, 0, 0, SERIES);
  await describe(db, 0, SERIES, "x".repeat(200));
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  await concurrent;
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(160 * 1024);
  const expected = helpsOf(db);
  expect(new Set(expected.values())).toEqual(new Set(["new"]));
  const logger = memoryLogger();
  const again = await open(copyOf(dir), { logger });
  expect(logger.lines.map(({ message }) => message)).toContain("memory snapshot loaded");
  expect(helpsOf(again)).toEqual(expected);
  await again.close();
  await append(db, STEP_MS, 0, 10);
  const before = folderBytes(join(dir, "wal"), diskFiles);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const grown = folderBytes(join(dir, "wal"), diskFiles) - before;
  // The snapshot fills the current page of the log with zeros, so the log grows by at most one page of 32 KiB.
  expect(grown).toBeLessThan(33 * 1024);
  const last = await open(copyOf(dir));
  expect(helpsOf(last)).toEqual(expected);
  await last.close();
  await db.close();
});

test("a start uses the log instead of a snapshot whose metadata is cut off", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { ...NO_UPKEEP, clock, walCompression: "none" });
  await append(db, 0, 0, 10);
  await describe(db, 0, 10, "what it measures");
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const expected = helpsOf(db);
  expect(expected.size).toBe(10);
  const copy = copyOf(dir);
  await db.close();
  const file = join(copy, snapshotsIn(copy)[0]!, "metadata", "00000000");
  // Cuts off the last record, which takes eight bytes: a header of seven bytes and one byte of content.
  truncateSync(file, statSync(file).size - 8);
  const logger = memoryLogger();
  const again = await open(copy, { logger });
  expect(logger.lines.map(({ message }) => message)).toContain(
    "the memory snapshot cannot be used; the whole WAL is replayed instead",
  );
  expect(helpsOf(again)).toEqual(expected);
  await again.close();
});

/** Appends samples for the hours `from` to `to`. The maintenance moves older samples into blocks. */
async function fillHours(db: Tsdb, from: number, to: number): Promise<void> {
  for (let time = from * HOUR_MS; time < to * HOUR_MS; time += HOUR_MS / 4) await append(db, time, 0, 100);
}

test("if the truncation of the log removes a snapshot, the next snapshot is taken immediately", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { ...NO_UPKEEP, ...SMALL_SEGMENTS, clock });
  await fillHours(db, 0, 2);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const [first] = snapshotsIn(dir);
  expect(first).toBeDefined();
  await fillHours(db, 2, 24);
  // Runs the maintenance twice, because the first call may join a maintenance that a full head has started.
  await db.maintain();
  await db.maintain();
  expect(db.blocks()).not.toEqual([]);
  expect(snapshotsIn(dir)).toHaveLength(1);
  expect(snapshotsIn(dir)).not.toEqual([first]);
  const again = await open(copyOf(dir));
  expect(await contentsOf(again.queryable)).toEqual(await contentsOf(db.queryable));
  await again.close();
  await db.close();
});

test("a snapshot stays until the log is truncated: a checkpoint that the disk refuses keeps it", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  let isFull = true;
  const files = refusing("open", (path, mode) => isFull && mode !== "r" && path.includes("checkpoint."));
  const db = await open(dir, { ...NO_UPKEEP, ...SMALL_SEGMENTS, clock, files });
  await fillHours(db, 0, 2);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  const snapshots = snapshotsIn(dir);
  expect(snapshots).toHaveLength(1);
  await fillHours(db, 2, 24);
  await db.maintain().catch(() => {});
  await expect(db.maintain()).rejects.toThrow("no space left");
  expect(db.blocks()).not.toEqual([]);
  expect(snapshotsIn(dir)).toEqual(snapshots);
  const again = await open(copyOf(dir));
  expect(await contentsOf(again.queryable)).toEqual(await contentsOf(db.queryable));
  await again.close();
  isFull = false;
  await db.maintain();
  expect(snapshotsIn(dir)).not.toEqual(snapshots);
  await db.close();
});

test("retention by size includes the size of snapshots", async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const db = await open(dir, { ...NO_UPKEEP, clock });
  await fillHours(db, 0, 12);
  await clock.advance(INTERVAL_MS);
  await db.maintain();
  await removalsDone(dir);
  const blocks = db.blocks();
  const [name] = snapshotsIn(dir);
  const whole = folderBytes(dir, diskFiles);
  db.applyRetention({ timeMs: 0, sizeBytes: whole + 1 });
  await db.maintain();
  expect(db.blocks()).toEqual(blocks);
  db.applyRetention({ timeMs: 0, sizeBytes: whole - folderBytes(join(dir, name!), diskFiles) + 1 });
  await db.maintain();
  expect(db.blocks()).toHaveLength(blocks.length - 1);
  await db.close();
});
