import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK, SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, timesBetween } from "../testing/sample-rows.ts";
import { copyOf, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { removalsDone } from "../testing/removals.ts";
import { listSegments } from "../wal/segment.ts";

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { lockFile: true, maxExemplars: 100, memorySnapshotOnShutdown: true, ...options });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const seriesOf = (name: string): Labels => Labels.of({ __name__: name, zone: "ü" });

async function fill(db: Tsdb, from: number, to: number): Promise<void> {
  const batch = createSampleBatch(1);
  for (let time = from; time < to; time += 30_000) {
    const app = db.appendable.appender();
    for (const name of ["a", "b", "c"]) {
      batch.refs[0] = app.series(seriesOf(name));
      batch.timestamps[0] = time;
      batch.values[0] = time / 1000;
      batch.count = 1;
      app.append(batch);
      expect(batch.outcomes[0]).toBe(OUTCOME_OK);
    }
    const histogram = app.series(seriesOf("h"));
    expect(app.appendHistogram(histogram, time, histogramOf(time / 1000))).toBe(OUTCOME_OK);
    await app.commit();
  }
}

/** Appends samples of one series, one per minute. */
const append = (db: Tsdb, name: string, from: number, to: number): Promise<void> =>
  appendRows(
    db,
    timesBetween(from, to, MINUTE_MS).map((time) => [seriesOf(name), time, time]),
  );

async function dump(db: Tsdb): Promise<string[]> {
  const querier = db.queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=~", "__name__", ".+")], { start: -Infinity, end: Infinity });
  const into = new SampleColumns();
  const rows = set.labels.flatMap((labels, index) => {
    into.reset();
    set.read(index, -Infinity, Infinity, into);
    return Array.from(
      { length: into.count },
      (_, i) => `${labels.key} ${into.timestamps[i]} ${into.histograms?.[i]?.count ?? into.values[i]}`,
    );
  });
  querier.close();
  return rows.sort();
}

const snapshotsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.startsWith("chunk_snapshot."));

/** Creates a folder with a snapshot. Returns the folder and its content. */
async function written(): Promise<{ dir: string; rows: string[] }> {
  const dir = temporaryFolder();
  const db = await open(dir);
  await fill(db, 0, 5_400_000);
  const app = db.appendable.appender();
  const exemplar = { labels: Labels.of({ trace: "1" }), value: 2, timestamp: 5_000_000 };
  app.appendExemplar(app.series(seriesOf("a")), exemplar);
  await app.commit();
  await db.deleteSeries([new Matcher("=", "__name__", "b")], 5_300_000, 5_350_000);
  const rows = await dump(db);
  await db.close();
  return { dir, rows };
}

/** Empties the log, so that restored samples can come only from the snapshot. */
function emptyLog(dir: string): void {
  const [first] = listSegments(join(dir, "wal"));
  const bytes = readFileSync(first!.path);
  writeFileSync(first!.path, bytes.fill(0));
}

test("a start restores the content of a snapshot without its log", async () => {
  const { dir, rows } = await written();
  expect(snapshotsIn(dir)).toEqual([
    `chunk_snapshot.000000.${String(listSegments(join(dir, "wal"))[0]!.size).padStart(10, "0")}`,
  ]);
  emptyLog(dir);
  const logger = memoryLogger();
  const db = await open(dir, { logger });
  expect(logger.lines.map(({ message }) => message)).toContain("memory snapshot loaded");
  expect(await dump(db)).toEqual(rows);
  expect((await db.exemplars(0, 1e7, [[new Matcher("=", "__name__", "a")]]))[0]!.exemplars).toMatchObject([
    { value: 2 },
  ]);
});

test("appends continue after a start from a snapshot: the last value is known, and counter resets of histograms are detected", async () => {
  const { dir, rows } = await written();
  const db = await open(dir);
  const app = db.appendable.appender();
  const batch = createSampleBatch(3);
  const ref = app.series(seriesOf("a"));
  batch.refs.set([ref, ref, ref]);
  batch.timestamps.set([5_370_000, 5_370_000, 5_400_000]);
  batch.values.set([5370, 1, 7]);
  batch.count = 3;
  app.append(batch);
  expect(batch.outcomes[0]).toBe(OUTCOME_OK);
  expect(batch.outcomes[1]).not.toBe(OUTCOME_OK);
  expect(batch.outcomes[2]).toBe(OUTCOME_OK);
  expect(app.appendHistogram(app.series(seriesOf("h")), 5_400_000, histogramOf(1))).toBe(OUTCOME_OK);
  await app.commit();
  const now = await dump(db);
  expect(now.length).toBe(rows.length + 2);
  await db.close();
  expect(snapshotsIn(dir).length).toBe(1);
  const again = await open(dir);
  expect(await dump(again)).toEqual(now);
});

test("after a kill, samples later than the snapshot are replayed from the log, more than once", async () => {
  const { dir, rows } = await written();
  const [before] = snapshotsIn(dir);
  for (let kill = 0; kill < 3; kill++) {
    const db = await open(dir, { lockFile: false });
    await fill(db, 5_400_000 + kill * 60_000, 5_460_000 + kill * 60_000);
    const now = await dump(db);
    expect(now.length).toBe(rows.length + 8 * (kill + 1));
    // Opens a second database while the first one stays open, so that the second one finds the folder as after a kill.
    const next = await open(dir, { lockFile: false });
    expect(await dump(next)).toEqual(now);
  }
  expect(snapshotsIn(dir)).toEqual([before]);
});

test("a start uses the log instead of a snapshot that is damaged at any place", async () => {
  const { dir, rows } = await written();
  const [name] = snapshotsIn(dir);
  const path = join(dir, name!, "00000000");
  const whole = readFileSync(path);
  for (const at of [0, 100, whole.length >> 1, whole.length - 3]) {
    mkdirSync(join(dir, name!), { recursive: true });
    const bytes = Uint8Array.from(whole);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
    const logger = memoryLogger();
    const db = await open(dir, { logger, lockFile: false });
    expect(logger.lines.map(({ message }) => message).join()).toContain("the memory snapshot cannot be used");
    expect(db.collect()["prometheus_tsdb_snapshot_replay_error_total"]).toBe(1);
    expect(await dump(db)).toEqual(rows);
    expect(snapshotsIn(dir)).toEqual([]);
  }
  for (const size of [0, 7, Math.floor(whole.length / 2)]) {
    mkdirSync(join(dir, name!), { recursive: true });
    writeFileSync(path, whole);
    truncateSync(path, size);
    const db = await open(dir, { lockFile: false });
    expect(await dump(db)).toEqual(rows);
  }
});

test("a start removes snapshots beyond the end of the log, and unfinished ones", async () => {
  const { dir } = await written();
  const [first] = listSegments(join(dir, "wal"));
  truncateSync(first!.path, 0);
  writeFileSync(join(dir, "chunk_snapshot.000009.0000000000.tmp"), "");
  const logger = memoryLogger();
  await open(dir, { logger });
  expect(logger.lines.map(({ message }) => message).join()).toContain("the WAL ends before the memory snapshot");
  expect(snapshotsIn(dir)).toEqual([]);
});

test("without the option snapshots are neither read nor written, and existing ones are removed", async () => {
  const { dir, rows } = await written();
  const db = await open(dir, { memorySnapshotOnShutdown: false });
  expect(await dump(db)).toEqual(rows);
  await db.close();
  expect(snapshotsIn(dir)).toEqual([]);
});

test("samples that were logged without the option are there after a start with it", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  const append = async (to: Tsdb, name: string, time: number): Promise<void> => {
    const app = to.appendable.appender();
    const batch = createSampleBatch(1);
    batch.refs[0] = app.series(seriesOf(name));
    batch.timestamps[0] = time;
    batch.values[0] = time;
    batch.count = 1;
    app.append(batch);
    await app.commit();
  };
  // Adds series x without samples. The maintenance removes it, and its first sample then adds it again: the log
  // contains two references of x.
  const app = db.appendable.appender();
  app.series(seriesOf("x"));
  app.rollback();
  for (let hour = 0; hour < 5; hour++) await append(db, "a", hour * 3_600_000);
  await db.maintain();
  await append(db, "x", 4 * 3_600_000);
  await db.close();
  const without = await open(dir, { memorySnapshotOnShutdown: false, lockFile: false });
  await append(without, "x", 4 * 3_600_000 + 1);
  const rows = await dump(without);
  expect(rows).toHaveLength(7);
  // Opens a second database while the first one stays open, so that the second one finds the folder as after a kill.
  const again = await open(dir, { lockFile: false });
  expect(await dump(again)).toEqual(rows);
});

test("after a start from a snapshot a new series does not get the reference of a removed one", async () => {
  const dir = temporaryFolder();
  const first = await open(dir);
  await append(first, "stays", 0, MINUTE_MS);
  // The series "goes" is the newest, so it gets the largest reference. Its samples leave the head, and the series is
  // removed.
  await append(first, "goes", 0, MINUTE_MS);
  await append(first, "stays", MINUTE_MS, 4 * HOUR_MS);
  await first.maintain();
  await first.close();
  const second = await open(dir);
  await append(second, "comes", 4 * HOUR_MS, 7 * HOUR_MS);
  await second.maintain();
  const rows = await dump(second);
  await second.close();
  const third = await open(dir, { memorySnapshotOnShutdown: false });
  expect(await dump(third)).toEqual(rows);
});

test("after a kill, the log contains a series of an old snapshot that was removed and added again", async () => {
  const dir = temporaryFolder();
  await (await open(dir, { memorySnapshotOnShutdown: false })).close();
  const first = await open(dir);
  await append(first, "again", 0, MINUTE_MS);
  await first.close();
  const second = await open(dir);
  for (let hour = 0; hour < 16; hour += 4) {
    // oxlint-disable no-await-in-loop
    await append(second, "stays", hour * HOUR_MS, (hour + 4) * HOUR_MS);
    await second.maintain();
  }
  await append(second, "again", 16 * HOUR_MS, 17 * HOUR_MS);
  await removalsDone(dir);
  const killed = copyOf(dir);
  await second.close();
  const third = await open(killed);
  await append(third, "again", 17 * HOUR_MS, 18 * HOUR_MS);
  const rows = await dump(third);
  await third.close();
  const fourth = await open(killed, { memorySnapshotOnShutdown: false });
  expect(await dump(fourth)).toEqual(rows);
});

test("a start uses the log instead of a snapshot if another program has removed the log segment of the snapshot", async () => {
  const dir = temporaryFolder();
  const first = await open(dir);
  await append(first, "again", 0, MINUTE_MS);
  await first.close();
  const [name] = snapshotsIn(dir);
  const aside = copyOf(join(dir, name!));
  const other = await open(dir, { memorySnapshotOnShutdown: false });
  for (let hour = 0; hour < 16; hour += 4) {
    await append(other, "stays", hour * HOUR_MS, (hour + 4) * HOUR_MS);
    await other.maintain();
  }
  await append(other, "again", 16 * HOUR_MS, 17 * HOUR_MS);
  await other.close();
  expect(listSegments(join(dir, "wal"))[0]!.index).toBeGreaterThan(0);
  cpSync(aside, join(dir, name!), { recursive: true });
  const logger = memoryLogger();
  const second = await open(dir, { logger });
  expect(logger.lines.map(({ message }) => message).join()).toContain(
    "the WAL has lost the segment of the memory snapshot",
  );
  await append(second, "again", 17 * HOUR_MS, 18 * HOUR_MS);
  const rows = await dump(second);
  await second.close();
  const third = await open(dir, { memorySnapshotOnShutdown: false });
  expect(await dump(third)).toEqual(rows);
});

test("if a start cannot remove a snapshot whose chunk files are damaged, the snapshot and the files stay for the next start", async () => {
  const dir = temporaryFolder();
  let db = await open(dir);
  for (let minute = 0; minute < 150; minute += 30) {
    for (const name of ["a", "b"]) await append(db, name, minute * MINUTE_MS, (minute + 30) * MINUTE_MS);
  }
  await db.maintain();
  const expected = await contentsOf(db.queryable);
  await db.close();
  const chunksDir = join(dir, "chunks_head");
  const [first] = readdirSync(chunksDir);
  truncateSync(join(chunksDir, first!), 300);
  const files = refusing("remove", (path) => path.includes("chunk_snapshot."), "EIO");
  await expect(open(dir, { files })).rejects.toThrow("EIO");
  db = await open(dir);
  expect(await contentsOf(db.queryable)).toEqual(expected);
});
