import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK, SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { timesBetween } from "../../testing/sample-rows.ts";
import { openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../../tsdb.ts";
import { diskFiles } from "../../files.ts";
import { readSegment } from "../../wal/read-segment.ts";
import { listCheckpoints, listSegments } from "../../wal/segment.ts";

const WITH_STARTS: Partial<TsdbOptions> = {
  startTimestamps: true,
  floatChunkEncoding: "xor2",
  histogramStartTimestamps: true,
};

const open = (dir: string, options: Partial<TsdbOptions> = WITH_STARTS): Promise<Tsdb> => openTestTsdb(dir, options);

/**
 * Returns the start time of the test's counter for a sample at `time`. The counter restarts repeatedly, and its start
 * is sometimes unknown.
 */
const startAt = (time: number): number => (time % 7_000 === 0 ? 0 : time - (time % 400_000) - 500);

async function append(db: Tsdb, times: readonly number[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(times.length);
  batch.starts = new Float64Array(times.length);
  const ref = app.series(Labels.of({ __name__: "f" }));
  const histogram = app.series(Labels.of({ __name__: "h" }));
  for (const [i, time] of times.entries()) {
    batch.refs[i] = ref;
    batch.timestamps[i] = time;
    batch.values[i] = time / 1000;
    batch.starts[i] = startAt(time);
    expect(app.appendHistogram(histogram, time, histogramOf(time / 1000), startAt(time))).toBe(OUTCOME_OK);
  }
  batch.count = times.length;
  app.append(batch);
  expect([...batch.outcomes].every((outcome) => outcome === OUTCOME_OK)).toBe(true);
  await app.commit();
}

/** Appends the samples in commits of 15 samples each. */
async function appendAll(db: Tsdb, times: readonly number[]): Promise<void> {
  for (let i = 0; i < times.length; i += 15) await append(db, times.slice(i, i + 15));
}

/** Returns the start times of a series by the times of its samples. */
async function startsOf(db: Tsdb, name: string): Promise<Map<number, number>> {
  const querier = db.queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", name)], { start: -Infinity, end: Infinity });
  const into = new SampleColumns();
  set.read(0, -Infinity, Infinity, into);
  const starts = new Map<number, number>();
  for (let i = 0; i < into.count; i++) starts.set(into.timestamps[i]!, into.startTimestamps?.[i] ?? 0);
  querier.close();
  return starts;
}

async function check(db: Tsdb, times: readonly number[], starts: (time: number) => number = startAt): Promise<void> {
  const expected = new Map(times.map((time) => [time, starts(time)]));
  expect(await startsOf(db, "f")).toEqual(expected);
  expect(await startsOf(db, "h")).toEqual(expected);
}

async function recordTypes(dir: string): Promise<number[]> {
  const types = new Set<number>();
  const checkpointed = listCheckpoints(dir).flatMap(({ path }) => listSegments(path));
  for (const { path } of [...checkpointed, ...listSegments(dir)]) {
    await readSegment(path, (record) => types.add(record[0]!), 1, diskFiles);
  }
  return [...types].sort((a, b) => a - b);
}

const range = (from: number, to: number): number[] => timesBetween(from, to, 1000);

test("start timestamps are in memory and in chunk files, and are restored from the log", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  const times = range(1_000_000, 1_500_000);
  await appendAll(db, times);
  await check(db, times);
  await db.maintain();
  await check(db, times);
  expect(await recordTypes(join(dir, "wal"))).toEqual([1, 11, 12]);
  const next = await open(dir);
  await check(next, times);
});

test("start timestamps stay in checkpoints, blocks cut from the head and merged blocks", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { ...WITH_STARTS, minBlockDurationMs: 60_000, walSegmentBytes: 32 * 1024 });
  const times = range(600_000, 1_500_000);
  await appendAll(db, times);
  await db.compactNow();
  expect(db.blocks().length).toBeGreaterThan(1);
  expect(listCheckpoints(join(dir, "wal")).length).toBe(1);
  await check(db, times);
  await db.deleteSeries([new Matcher("=", "__name__", "f"), new Matcher("=", "__name__", "f")], 610_000, 610_000);
  await db.cleanTombstones();
  expect((await startsOf(db, "f")).get(611_000)).toBe(startAt(611_000));
  await db.close();
  const next = await open(dir);
  expect((await startsOf(next, "h")).get(1_499_000)).toBe(startAt(1_499_000));
});

test("out-of-order samples keep their start timestamps, even if they are replayed from their log", async () => {
  const dir = temporaryFolder();
  const options = { ...WITH_STARTS, outOfOrderTimeWindowMs: 3_600_000 };
  const db = await open(dir, options);
  const late = range(1_000_000, 1_080_000);
  await append(db, [2_000_000]);
  for (let i = 0; i < late.length; i += 5) await append(db, late.slice(i, i + 5).reverse());
  await check(db, [...late, 2_000_000]);
  expect(await recordTypes(join(dir, "wbl"))).toEqual([5, 11, 12]);
  const next = await open(dir, options);
  await check(next, [...late, 2_000_000]);
});

test("a memory snapshot contains start timestamps", async () => {
  const dir = temporaryFolder();
  const options = { ...WITH_STARTS, memorySnapshotOnShutdown: true };
  const db = await open(dir, options);
  const times = range(1_000_000, 1_300_000);
  await appendAll(db, times);
  await db.close();
  expect(readdirSync(dir).some((name) => name.startsWith("chunk_snapshot."))).toBe(true);
  const next = await open(dir, options);
  await check(next, times);
  await append(next, [1_300_000]);
  await check(next, [...times, 1_300_000]);
});

test("by default start timestamps are not stored, and all files stay readable by earlier versions", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, {});
  const times = range(1_000_000, 1_300_000);
  await appendAll(db, times);
  await check(db, times, () => 0);
  expect(await recordTypes(join(dir, "wal"))).toEqual([1, 2, 7]);
});

test("switching start timestamps on and off between starts loses no sample, and keeps the start timestamps in chunks that have room for them", async () => {
  const dir = temporaryFolder();
  const first = await open(dir, {});
  await append(first, range(1_000_000, 1_100_000));
  await first.close();
  const second = await open(dir);
  await append(second, range(1_100_000, 1_200_000));
  await check(second, range(1_000_000, 1_200_000), (time) => (time < 1_100_000 ? 0 : startAt(time)));
  await second.close();
  const third = await open(dir, {});
  await append(third, range(1_200_000, 1_300_000));
  expect([...(await startsOf(third, "f")).keys()]).toEqual(range(1_000_000, 1_300_000));
  expect([...(await startsOf(third, "h")).keys()]).toEqual(range(1_000_000, 1_300_000));
});
