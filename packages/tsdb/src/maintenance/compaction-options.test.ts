import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { expect, test } from "vitest";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, type NamedRow, timesBetween, timesOf } from "../testing/sample-rows.ts";
import { onThisThread, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { diskFiles } from "../files.ts";

const HOUR = 3_600_000;
const START = 18 * HOUR * 20_000;
const MINUTE = 60_000;

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { files: onThisThread, ...options });

/** Appends one sample of each series per minute, from `from` up to `to`. */
const fill = (db: Tsdb, from: number, to: number, names: readonly string[] = ["a"]): Promise<void> =>
  appendRows(
    db,
    names.flatMap((name) => minutes(from, to).map((time): NamedRow => [name, time, Math.sin(time)])),
  );

async function end(db: Tsdb, time: number, names: readonly string[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(names.length);
  for (const name of names) {
    const i = batch.count++;
    batch.refs[i] = app.series(Labels.of({ __name__: name }));
    batch.timestamps[i] = time;
    new Uint32Array(batch.values.buffer, batch.values.byteOffset).set([2, 0x7ff00000], i * 2);
  }
  app.append(batch);
  await app.commit();
}

const minutes = (from: number, to: number): number[] => timesBetween(from, to, MINUTE);

const seriesIn = (db: Tsdb): number => db.collect()["prometheus_tsdb_head_series"]!;

test("a full head is cut only after the delay, and appends do not start a maintenance before", async () => {
  const clock = new ManualClock();
  const db = await open(temporaryFolder(), { clock, compactionDelayMs: 5 * MINUTE, blockReloadIntervalMs: MINUTE });
  await fill(db, START, START + 4 * HOUR);
  await db.maintain();
  const looks = db.collect()["prometheus_tsdb_reloads_total"];
  await fill(db, START + 4 * HOUR, START + 4 * HOUR + 5 * MINUTE);
  await clock.advance(1000);
  expect(db.collect()["prometheus_tsdb_reloads_total"]).toBe(looks);
  await clock.advance(3 * MINUTE);
  expect(db.blocks()).toEqual([]);
  await clock.advance(2 * MINUTE);
  await db.maintain();
  expect(db.blocks().map(({ minTime }) => minTime)).toEqual([START]);
});

test("blocks that are not uploaded are not merged, and neither are later blocks", async () => {
  const dir = temporaryFolder();
  const uploadedBlocksFile = join(dir, "shipper.json");
  const clock = new ManualClock();
  writeFileSync(uploadedBlocksFile, '{"uploaded": []}');
  const db = await open(dir, { uploadedBlocksFile, clock });
  for (let hour = 0; hour < 14; hour += 2) {
    await fill(db, START + hour * HOUR, START + (hour + 2) * HOUR);
    await clock.advance(MINUTE);
    await db.maintain();
  }
  const levels = (): number[] => db.blocks().map(({ compaction }) => compaction.level);
  expect(levels()).toEqual([1, 1, 1, 1, 1, 1]);
  const uploaded = db.blocks().map(({ ulid }) => ulid);
  writeFileSync(uploadedBlocksFile, JSON.stringify({ uploaded: uploaded.slice(0, 4) }));
  await clock.advance(MINUTE);
  await db.maintain();
  expect(levels()).toEqual([2, 1, 1, 1]);
});

test("chunk segments of blocks have the requested length", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { chunkSegmentBytes: 4000 });
  await fill(db, START, START + 2 * HOUR, ["a", "b", "c", "d", "e", "f"]);
  await db.snapshot(join(dir, "snap"), true);
  const [block] = readdirSync(join(dir, "snap"));
  const segments = readdirSync(join(dir, "snap", block!, "chunks"));
  expect(segments.length).toBeGreaterThan(1);
  for (const name of segments) expect(statSync(join(dir, "snap", block!, "chunks", name)).size).toBeLessThan(4001);
});

test("many stale series are moved with all their samples from the head to separate blocks, and other series stay", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { staleSeriesThreshold: 0.5 });
  const ended = ["a", "b", "c"];
  const from = START + HOUR;
  await fill(db, from, from + 90 * MINUTE, [...ended, "d"]);
  await end(db, from + 90 * MINUTE, ["a"]);
  await db.maintain();
  expect(seriesIn(db)).toBe(4);
  await end(db, from + 90 * MINUTE, ["b", "c"]);
  expect(db.collect()["prometheus_tsdb_head_stale_series"]).toBe(3);
  await db.maintain();
  expect(seriesIn(db)).toBe(1);
  expect(db.collect()["prometheus_tsdb_stale_series_compactions_triggered_total"]).toBe(1);
  expect(
    db
      .blocks()
      .map(({ minTime, maxTime, compaction, stats }) => [minTime, maxTime, compaction.hints, stats?.numSeries]),
  ).toEqual([
    [START, START + 2 * HOUR, ["from-stale-series"], 3],
    [START + 2 * HOUR, START + 4 * HOUR, ["from-stale-series"], 3],
  ]);
  for (const name of ended) expect(await timesOf(db, name)).toEqual(minutes(from, from + 91 * MINUTE));
  expect(await timesOf(db, "d")).toEqual(minutes(from, from + 90 * MINUTE));
  // Continues series "a", which had ended and was moved to blocks. The restart must also restore its samples from the
  // log, because blocks of stale series do not count as complete.
  await fill(db, from + 91 * MINUTE, from + 95 * MINUTE, ["a", "d"]);
  await db.close();
  const again = await open(dir);
  expect(await timesOf(again, "a")).toEqual(minutes(from, from + 95 * MINUTE));
  expect(await timesOf(again, "b")).toEqual(minutes(from, from + 91 * MINUTE));
  expect((await timesOf(again, "d")).length).toBe(94);
});

test("if a later block of stale series is refused, the earlier ones are removed and no sample is lost or doubled", async () => {
  const dir = temporaryFolder();
  let blocks = 0;
  let isFull = false;
  // The full disk accepts the first block of each attempt and refuses the second block.
  const refused = (path: string): boolean => isFull && path.endsWith("meta.json.tmp") && ++blocks % 2 === 0;
  const db = await open(dir, { staleSeriesThreshold: 0.5, files: refusing("open", refused) });
  const from = START + HOUR;
  await fill(db, from, from + 90 * MINUTE, ["a", "b"]);
  await end(db, from + 90 * MINUTE, ["a", "b"]);
  isFull = true;
  for (let attempt = 0; attempt < 3; attempt++) {
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    await expect(db.maintain()).rejects.toThrow("ENOSPC");
    expect(db.blocks()).toEqual([]);
  }
  isFull = false;
  await db.maintain();
  expect(db.blocks()).toHaveLength(2);
  for (const name of ["a", "b"]) expect(await timesOf(db, name)).toEqual(minutes(from, from + 91 * MINUTE));
});

test("samples of stale series that are deleted in their blocks do not return from the log", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { staleSeriesThreshold: 0.3 });
  await fill(db, START, START + 30 * MINUTE, ["a", "b"]);
  await end(db, START + 30 * MINUTE, ["a"]);
  await db.maintain();
  expect(seriesIn(db)).toBe(1);
  await db.deleteSeries([new Matcher("=~", "__name__", ".+")], START + 10 * MINUTE, START + 20 * MINUTE - 1);
  await fill(db, START + 31 * MINUTE, START + 32 * MINUTE, ["a"]);
  const left = [...minutes(START, START + 10 * MINUTE), ...minutes(START + 20 * MINUTE, START + 30 * MINUTE)];
  const ofA = [...left, START + 30 * MINUTE, START + 31 * MINUTE];
  expect(await timesOf(db, "a")).toEqual(ofA);
  await db.close();
  const again = await open(dir);
  expect(await timesOf(again, "a")).toEqual(ofA);
  expect(await timesOf(again, "b")).toEqual(left);
});

test("a series that continues while its block is written stays in the head", async () => {
  const db = await open(temporaryFolder(), { staleSeriesThreshold: 0.1, files: diskFiles });
  await fill(db, START, START + HOUR, ["a", "b"]);
  await end(db, START + HOUR, ["a", "b"]);
  const done = db.maintain();
  await fill(db, START + HOUR + MINUTE, START + HOUR + 2 * MINUTE, ["a"]);
  await done;
  expect(seriesIn(db)).toBe(1);
  expect(await timesOf(db, "a")).toEqual(minutes(START, START + HOUR + 2 * MINUTE));
  expect(await timesOf(db, "b")).toEqual(minutes(START, START + HOUR + MINUTE));
});

test("without a thread, blocks are written during commits of several turns, and have every sample", async () => {
  const compactionThread = new URL("file:///nowhere/worker.ts");
  const logger = memoryLogger();
  const db = await open(temporaryFolder(), { compactionThread, logger, files: diskFiles });
  const names = Array.from({ length: 300 }, (_, i) => `s${i}`);
  await fill(db, START, START + 2 * HOUR, names);
  await fill(db, START + 2 * HOUR, START + 4 * HOUR, names);
  const cut = db.compactNow();
  await fill(db, START + 4 * HOUR, START + 5 * HOUR, names);
  await cut;
  expect(db.blocks().map(({ stats }) => stats?.numSamples)).toEqual([120 * 300]);
  expect(await timesOf(db, "s7")).toEqual(minutes(START, START + 5 * HOUR));
  expect(logger.lines.some(({ message }) => message.startsWith("starting the compaction thread"))).toBe(true);
});

test("the chunks of blocks cut from the head are counted by size, samples and time", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await fill(db, START, START + 20 * MINUTE);
  await db.snapshot(join(dir, "snap"), true);
  const metrics = db.collect();
  expect(metrics["prometheus_tsdb_compaction_chunk_samples_sum"]).toBe(20);
  expect(metrics["prometheus_tsdb_compaction_chunk_samples_count"]).toBe(1);
  expect(metrics["prometheus_tsdb_compaction_chunk_range_seconds_sum"]).toBe(19 * MINUTE);
  expect(metrics['prometheus_tsdb_compaction_chunk_size_bytes_bucket{le="+Inf"}']).toBe(1);
});
