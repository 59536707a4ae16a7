import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { expect, test } from "vitest";
import { refusing } from "./testing/refusing-files.ts";
import { appendRows, type NamedRow, readRows, timesBetween } from "./testing/sample-rows.ts";
import { onThisThread, openTestTsdb } from "./testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "./tsdb.ts";
import { diskFiles, type OpenMode } from "./files.ts";

const HOUR = 3_600_000;
const STEP = 5 * 60_000;
/** Start of a block range of 54 hours, ms. */
const START = 54 * HOUR * 8000;

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { files: onThisThread, ...options });

const NAMES = ["a", "b", "c"];

/** Appends a sample of each series at every step from `from` to `to`, with one commit per hour. */
async function fill(db: Tsdb, from: number, to: number, names: readonly string[] = NAMES): Promise<void> {
  for (let hour = from; hour <= to; hour += HOUR) {
    await appendRows(db, rowsOf(hour, Math.min(hour + HOUR - STEP, to), names));
  }
}

/**
 * Appends an hour of samples and runs a maintenance, in turn until `to`, like a server that receives samples
 * continuously.
 */
async function fillSettling(db: Tsdb, from: number, to: number): Promise<void> {
  for (let hour = from; hour < to; hour += HOUR) {
    await fill(db, hour, Math.min(hour + HOUR - STEP, to));
    await db.maintain();
  }
  await fill(db, to, to);
  await db.maintain();
}

const rowsOf = (from: number, to: number, names: readonly string[] = NAMES): NamedRow[] =>
  names.flatMap((name) => timesBetween(from, to + 1, STEP).map((time) => [name, time, time / STEP] as const));

/** Returns start, end and level of each block. Times are hours since START. */
const shape = (db: Tsdb): number[][] =>
  db
    .blocks()
    .map(({ minTime, maxTime, compaction }) => [(minTime - START) / HOUR, (maxTime - START) / HOUR, compaction.level]);

const THREE_DAYS = [
  [0, 18, 3],
  [18, 36, 3],
  [36, 54, 3],
  [54, 60, 2],
  [60, 66, 2],
  [66, 68, 1],
  [68, 70, 1],
];

test("three days of samples give the same blocks, levels and parents as in Prometheus", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await fillSettling(db, START, START + 72 * HOUR);
  expect(shape(db)).toEqual(THREE_DAYS);
  const [first] = db.blocks();
  expect(first?.compaction.sources?.length).toBe(9);
  expect(first?.compaction.parents?.length).toBe(3);
  expect(first?.stats).toMatchObject({ numSeries: 3, numSamples: 3 * 18 * 12, numChunks: 3 * 9 });
  expect(await readRows(db)).toEqual(rowsOf(START, START + 72 * HOUR));
  expect((await db.stats(10)).headStats.minTime).toBe(START + 70 * HOUR);
  expect(db.minTime).toBe(START);
  await db.close();
  const again = await open(dir);
  expect(shape(again)).toEqual(THREE_DAYS);
  expect(await readRows(again)).toEqual(rowsOf(START, START + 72 * HOUR));
  expect((await again.stats(10)).headStats.minTime).toBe(START + 70 * HOUR);
  await fill(again, START + 72 * HOUR + STEP, START + 73 * HOUR);
  expect(await readRows(again)).toEqual(rowsOf(START, START + 73 * HOUR));
});

test("samples that arrive faster than the timer fires are still moved from the head to blocks, by separate threads", async () => {
  const db = await open(temporaryFolder(), { files: diskFiles });
  await fill(db, START, START + 10 * HOUR);
  await db.compactNow();
  expect(shape(db)).toEqual([
    [0, 6, 2],
    [6, 8, 1],
  ]);
  expect(await readRows(db)).toEqual(rowsOf(START, START + 10 * HOUR));
});

test("a transaction that is open while the head is cut keeps its samples", async () => {
  const db = await open(temporaryFolder());
  await fill(db, START, START + HOUR);
  const late = db.appendable.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = late.series(Labels.of({ __name__: "late" }));
  batch.timestamps[0] = START + 1;
  batch.count = 1;
  late.append(batch);
  await fill(db, START + HOUR + STEP, START + 4 * HOUR);
  const compacted = db.compactNow();
  await late.commit();
  await compacted;
  expect(shape(db)).toEqual([[0, 2, 1]]);
  expect(await readRows(db)).toContainEqual(["late", START + 1, 0]);
});

test("retention by time drops blocks when later ones are written, and a new limit applies from the next maintenance on", async () => {
  const db = await open(temporaryFolder(), { retentionMs: 20 * HOUR, maxBlockDurationMs: 2 * HOUR });
  await fillSettling(db, START, START + 30 * HOUR);
  expect(shape(db).map(([from]) => from)).toEqual([8, 10, 12, 14, 16, 18, 20, 22, 24, 26]);
  expect(db.collect()["prometheus_tsdb_time_retentions_total"]).toBeGreaterThan(0);
  db.applyRetention({ timeMs: 4 * HOUR, sizeBytes: 0 });
  expect(db.collect()["prometheus_tsdb_retention_limit_seconds"]).toBe(4 * 3600);
  await db.maintain();
  expect(shape(db).map(([from]) => from)).toEqual([24, 26]);
  expect((await readRows(db))[0]).toEqual(["a", START + 24 * HOUR, (START + 24 * HOUR) / STEP]);
});

test("samples that retention removed, including deleted ones, do not return from the log at a start", async () => {
  const dir = temporaryFolder();
  const options = { retentionMs: HOUR, outOfOrderTimeWindowMs: 10 * HOUR };
  const db = await open(dir, options);
  const app = db.appendable.appender();
  const batch = createSampleBatch(100);
  const put = (name: string, from: number, to: number): void => {
    for (let time = from; time <= to; time += STEP) {
      batch.refs[batch.count] = app.series(Labels.of({ __name__: name }));
      batch.timestamps[batch.count++] = time;
    }
  };
  put("a", START, START + 2 * HOUR);
  put("b", START + 8 * HOUR, START + 12 * HOUR);
  put("b", START + 11 * HOUR + 1, START + 11 * HOUR + 1);
  app.append(batch);
  await app.commit();
  await db.deleteSeries([new Matcher("=", "__name__", "a")], START, START + HOUR);
  // Runs the maintenance, which drops the blocks of in-order samples by retention. The block of the late sample ends
  // later, so it remains.
  await db.maintain();
  expect(shape(db)).toEqual([[10, 12, 1]]);
  const left = await readRows(db);
  expect(left[0]).toEqual(["b", START + 10 * HOUR, 0]);
  await db.close();
  const again = await open(dir, options);
  expect(await readRows(again)).toEqual(left);
});

test("while the disk refuses the file with the head's start, retention drops the other blocks and warns once", async () => {
  let isFull = true;
  const files = refusing("open", (path, mode) => isFull && mode !== "r" && path.includes("head-start"));
  const logger = memoryLogger();
  const db = await open(temporaryFolder(), { files, logger, retentionMs: 0, outOfOrderTimeWindowMs: 10 * HOUR });
  await fill(db, START, START + 2 * HOUR, ["a"]);
  await fill(db, START + 8 * HOUR, START + 12 * HOUR, ["a"]);
  // Adds an out-of-order sample. Its block ends later than the blocks of the in-order samples, so retention keeps it
  // longer.
  await fill(db, START + 11 * HOUR + 1, START + 11 * HOUR + 1, ["a"]);
  await db.maintain();
  const retentions = (): number => db.collect()["prometheus_tsdb_time_retentions_total"]!;
  db.applyRetention({ timeMs: HOUR, sizeBytes: 0 });
  for (let minute = 0; minute < 3; minute++) await db.maintain();
  expect(shape(db)).toEqual([
    [8, 10, 1],
    [10, 12, 1],
  ]);
  expect(retentions()).toBe(1);
  expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  isFull = false;
  for (let minute = 0; minute < 2; minute++) await db.maintain();
  expect(shape(db)).toEqual([[10, 12, 1]]);
  expect(retentions()).toBe(2);
  expect(logger.lines.filter(({ message }) => message.endsWith("works again"))).toHaveLength(1);
});

test("retention by size counts logs and head files first, then the newest blocks", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { maxBlockDurationMs: 2 * HOUR });
  await fillSettling(db, START, START + 12 * HOUR);
  expect(db.blocks().length).toBe(5);
  const metrics = db.collect();
  const others =
    metrics["prometheus_tsdb_wal_storage_size_bytes"]! + metrics["prometheus_tsdb_head_chunks_storage_size_bytes"]!;
  const perBlock = metrics["prometheus_tsdb_storage_blocks_bytes"]! / 5;
  db.applyRetention({ timeMs: 0, sizeBytes: others + 2.5 * perBlock });
  await db.maintain();
  expect(shape(db).map(([from]) => from)).toEqual([6, 8]);
  expect(db.collect()["prometheus_tsdb_size_retentions_total"]).toBe(1);
  expect(readdirSync(dir).filter((name) => name.length > 20).length).toBe(2);
});

test("deleted series disappear from results immediately, stay deleted after a restart, and leave the disk at the next cleaning", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await fillSettling(db, START, START + 10 * HOUR);
  const [from, to] = [START + HOUR, START + 9 * HOUR];
  await db.deleteSeries([new Matcher("=", "__name__", "b")], from, to);
  await db.deleteSeries([new Matcher("=", "__name__", "c")], -Infinity, Infinity);
  const left = [
    ...rowsOf(START, START + 10 * HOUR, ["a"]),
    ...rowsOf(START, START + 10 * HOUR, ["b"]).filter(([, time]) => time < from || time > to),
  ];
  expect(await readRows(db)).toEqual(left);
  expect(db.blocks().map(({ stats }) => stats?.numTombstones)).toEqual([2, 2]);
  await db.close();
  const again = await open(dir);
  expect(await readRows(again)).toEqual(left);
  const parents = again.blocks().map(({ ulid }) => ulid);
  await again.cleanTombstones();
  expect(await readRows(again)).toEqual(left);
  expect(again.blocks().map(({ compaction }) => [compaction.level, compaction.parents?.[0]?.ulid])).toEqual(
    parents.map((parent) => [1, parent]),
  );
  expect(again.blocks().every(({ stats }) => stats?.numTombstones === undefined)).toBe(true);
  expect(again.blocks()[1]?.stats?.numSeries).toBe(1);
  // Adds later samples and writes the head to blocks. Samples that were deleted in the head must not be in the written
  // blocks.
  await fill(again, START + 10 * HOUR + STEP, START + 14 * HOUR);
  await again.compactNow();
  const rows = await readRows(again);
  expect(rows.filter(([name]) => name === "c")).toEqual(rowsOf(START + 10 * HOUR + STEP, START + 14 * HOUR, ["c"]));
  await again.deleteSeries([new Matcher("=~", "__name__", ".+")], -Infinity, START + 6 * HOUR);
  await again.cleanTombstones();
  expect(again.blocks()[0]?.minTime).toBe(START + 6 * HOUR);
});

test("a snapshot contains all data, or all except the head's, and can be opened like any data folder", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await fillSettling(db, START, START + 10 * HOUR);
  await db.deleteSeries([new Matcher("=", "__name__", "c")], -Infinity, Infinity);
  await db.snapshot(join(dir, "snapshots", "whole"), true);
  await db.snapshot(join(dir, "snapshots", "blocks"), false);
  const rows = await readRows(db);
  await db.close();
  const whole = await open(join(dir, "snapshots", "whole"));
  expect(await readRows(whole)).toEqual(rows);
  expect(whole.blocks().at(-1)).toMatchObject({ maxTime: START + 10 * HOUR + 1, compaction: { level: 1 } });
  await whole.close();
  const blocks = await open(join(dir, "snapshots", "blocks"));
  expect(await readRows(blocks)).toEqual(rows.filter(([, time]) => time < START + 8 * HOUR));
});

test("a full disk stops compaction but not queries, and the next maintenance continues at that point", async () => {
  let full = false;
  const files = refusing("open", (_, mode) => full && mode === "w");
  const dir = temporaryFolder();
  const db = await open(dir, { files });
  await fill(db, START, START + 2 * HOUR);
  full = true;
  await fill(db, START + 2 * HOUR + STEP, START + 4 * HOUR);
  await expect(db.compactNow()).rejects.toThrow("no space left");
  expect(shape(db)).toEqual([]);
  expect(db.collect()["prometheus_tsdb_compactions_failed_total"]).toBeGreaterThan(0);
  expect(await readRows(db)).toEqual(rowsOf(START, START + 4 * HOUR));
  full = false;
  await db.maintain();
  expect(shape(db)).toEqual([[0, 2, 1]]);
  expect(await readRows(db)).toEqual(rowsOf(START, START + 4 * HOUR));
  expect(readdirSync(dir).filter((name) => name.includes("tmp"))).toEqual([]);
});

test("the head keeps its samples while a new block cannot be read back", async () => {
  let broken = true;
  const isRefused = (path: string, mode: OpenMode): boolean =>
    broken && mode === "r" && path.endsWith("index") && !path.includes(".tmp-for-");
  const files = refusing("open", isRefused, "EIO");
  const dir = temporaryFolder();
  const db = await open(dir, { files });
  await fill(db, START, START + 4 * HOUR);
  await expect(db.compactNow()).rejects.toThrow("was written but cannot be read");
  expect(readdirSync(dir).filter((name) => name.length >= 26)).toEqual([]);
  expect(await readRows(db)).toEqual(rowsOf(START, START + 4 * HOUR));
  broken = false;
  await db.compactNow();
  expect(shape(db)).toEqual([[0, 2, 1]]);
  expect(await readRows(db)).toEqual(rowsOf(START, START + 4 * HOUR));
});

test("the server starts despite damaged and half-written blocks; it moves them to another folder and reports them", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { maxBlockDurationMs: 2 * HOUR });
  await fillSettling(db, START, START + 10 * HOUR);
  const [first, second, third] = db.blocks().map(({ ulid }) => ulid);
  await db.close();
  writeFileSync(join(dir, first!, "meta.json"), "{");
  const index = readFileSync(join(dir, second!, "index"));
  writeFileSync(join(dir, second!, "index"), index.subarray(0, index.length - 60));
  cpSync(join(dir, third!), join(dir, `${third}.tmp-for-creation`), { recursive: true });
  cpSync(join(dir, third!), join(dir, `${third}.tmp-for-deletion`), { recursive: true });
  const logger = memoryLogger();
  const again = await open(dir, { logger, maxBlockDurationMs: 2 * HOUR });
  expect(shape(again).map(([from]) => from)).toEqual([4, 6]);
  expect(
    again
      .damagedBlocks()
      .map(({ ulid, path }) => [ulid, path])
      .sort(),
  ).toEqual([first!, second!].sort().map((name) => [name, join(dir, "damaged", name)]));
  expect(again.collect()).toMatchObject({ narthex_tsdb_blocks_damaged: 2, narthex_tsdb_blocks_set_aside: 2 });
  expect(logger.lines.filter(({ level }) => level === "error").length).toBe(2);
  expect(readdirSync(join(dir, "damaged")).sort()).toEqual([first!, second!].sort());
  expect(readdirSync(dir).filter((name) => name.includes("tmp"))).toEqual([]);
  expect(await readRows(again)).toEqual(rowsOf(START + 4 * HOUR, START + 10 * HOUR));
});

test("a block that is added while the server runs is read from the next maintenance on, and overlapping ones are merged", async () => {
  const source = temporaryFolder();
  const backfilled = await open(source);
  await fill(backfilled, START + HOUR, START + 2 * HOUR - STEP, ["old"]);
  await backfilled.snapshot(join(source, "out"), true);
  await backfilled.close();
  const dir = temporaryFolder();
  const db = await open(dir);
  await fillSettling(db, START, START + 5 * HOUR);
  const [block] = readdirSync(join(source, "out"));
  cpSync(join(source, "out", block!), join(dir, block!), { recursive: true });
  await db.maintain();
  expect(shape(db)).toEqual([[0, 2, 2]]);
  expect(db.collect()["prometheus_tsdb_vertical_compactions_total"]).toBe(1);
  const rows = await readRows(db);
  expect(rows.filter(([name]) => name === "old")).toEqual(rowsOf(START + HOUR, START + 2 * HOUR - STEP, ["old"]));
  expect(rows.length).toBe(3 * 61 + 12);
});
