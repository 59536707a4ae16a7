import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { describeStorage, histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { refusing } from "./testing/refusing-files.ts";
import { appendRows, type NamedRow, readRows } from "./testing/sample-rows.ts";
import { openTestTsdb } from "./testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "./tsdb.ts";
import { FolderLockedError } from "./startup/folder-lock.ts";
import { listCheckpoints, listSegments } from "./wal/segment.ts";

const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { maxExemplars: 100, lockFile: true, ...options });

describeStorage("openTsdb()", async () => {
  const db = await open(temporaryFolder());
  return { appendable: db.appendable, queryable: db.queryable, close: () => db.close() };
});

const append = (db: Tsdb, rows: readonly NamedRow[]): Promise<void> =>
  appendRows(
    db,
    rows.map(([name, ...sample]) => [Labels.of({ __name__: name, é: "ü" }), ...sample]),
  );

/** Copies the folder of an open database. The copy has the content that would remain after the process is killed. */
function copyOf(dir: string): string {
  const copy = temporaryFolder();
  cpSync(join(dir, "wal"), join(copy, "wal"), { recursive: true });
  return copy;
}

test("after a kill, committed samples are there, with histograms, exemplars and the same references", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await append(db, [
    ["a", 1000, 1],
    ["b", 1000, 2],
  ]);
  const app = db.appendable.appender();
  const ref = app.series(Labels.of({ __name__: "a", é: "ü" }));
  const histograms = app.series(Labels.of({ __name__: "h" }));
  app.appendHistogram(histograms, 2000, histogramOf(3));
  app.appendHistogram(histograms, 3000, histogramOf(5, { integer: false }));
  const exemplar = { labels: Labels.of({ trace_id: "x" }), value: 5, timestamp: 1000 };
  app.appendExemplar(ref, exemplar);
  await app.commit();
  const lost = db.appendable.appender();
  lost.series(Labels.of({ __name__: "never" }));
  const again = await open(copyOf(dir));
  expect(await readRows(again)).toEqual([
    ["a", 1000, 1],
    ["b", 1000, 2],
    ["h", 2000, 8],
    ["h", 3000, 17],
  ]);
  expect(again.appendable.appender().series(Labels.of({ __name__: "a", é: "ü" }))).toBe(ref);
  const found = await again.exemplars(0, 5000, [[new Matcher("=", "__name__", "a")]]);
  expect(found.map(({ exemplars }) => exemplars)).toEqual([[exemplar]]);
  await append(again, [["a", 4000, 3]]);
  expect((await readRows(again))[1]).toEqual(["a", 4000, 3]);
});

test("a log that is cut at any byte of its last records opens with exactly the complete commits", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { walCompression: "none" });
  const path = (): string => listSegments(join(dir, "wal")).at(-1)!.path;
  const ends: number[] = [];
  for (let i = 0; i < 6; i++) {
    await append(db, [
      ["a", 1000 + i, i],
      [`s${i}`, 1000 + i, i],
    ]);
    ends.push(readFileSync(path()).length);
  }
  const whole = readFileSync(path());
  const all = await readRows(db);
  await db.close();
  const copy = copyOf(dir);
  const segment = join(copy, "wal", "00000000");
  let reported = 0;
  for (let cut = whole.length; cut >= ends[4]!; cut--) {
    rmSync(join(copy, "wal"), { recursive: true });
    cpSync(join(dir, "wal"), join(copy, "wal"), { recursive: true });
    truncateSync(segment, cut);
    const logger = memoryLogger();
    const again = await open(copy, { logger });
    const commits = ends.filter((end) => end <= cut).length;
    expect(await readRows(again)).toEqual(all.filter(([, time]) => time < 1000 + commits));
    if (!ends.includes(cut) && again.corruptions > 0) {
      reported++;
      expect(again.corruptions).toBe(1);
      expect(logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
        "the WAL ended within a record, as after a kill or a power cut; the rest was cut off",
      ]);
    }
    await append(again, [["a", 9000, 9]]);
    await again.close();
    const third = await open(copy);
    expect(third.corruptions).toBe(0);
    expect((await readRows(third)).find(([name, time]) => name === "a" && time === 9000)).toBeDefined();
    await third.close();
  }
  // Most cuts within a record must be reported as corruption. A cut that leaves only a few bytes of a record may look
  // like the zeros that fill a page, and is then not reported.
  expect(reported).toBeGreaterThan((whole.length - ends[4]!) / 2);
});

test("damage in the middle of the log loses only the damaged record, and the original segment is kept in another folder", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { walCompression: "none" });
  for (let i = 0; i < 50; i++) await append(db, [["a", 1000 + i, i]]);
  await db.close();
  const path = join(dir, "wal", "00000000");
  const bytes = readFileSync(path);
  bytes[400]! ^= 1;
  writeFileSync(path, bytes);
  const logger = memoryLogger();
  const again = await open(dir, { logger });
  const rows = await readRows(again);
  expect(rows.length).toBe(49);
  expect(again.corruptions).toBe(1);
  expect(again.collect()["prometheus_tsdb_wal_corruptions_total"]).toBe(1);
  const [line] = logger.lines.filter(({ level }) => level === "error");
  expect(line?.message).toMatch(/^the WAL is damaged/);
  expect([...readFileSync(String(line?.fields["original"]))]).toEqual([...bytes]);
  await again.close();
  const third = await open(dir);
  expect(third.corruptions).toBe(0);
  expect(await readRows(third)).toEqual(rows);
});

test("a log with damaged bytes opens, contains no invented sample and needs no second repair", async () => {
  const dir = temporaryFolder();
  const db = await open(dir, { walSegmentBytes: 64 * 1024 });
  for (let i = 0; i < 400; i++) {
    await append(
      db,
      Array.from({ length: 30 }, (_, k): NamedRow => [`m${k}`, 1000 + i, Math.sin(i * k)]),
    );
  }
  const written = new Set((await readRows(db)).map(String));
  await db.close();
  expect(listSegments(join(dir, "wal")).length).toBeGreaterThan(1);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (hits) => {
        const copy = copyOf(dir);
        for (const { at, byte } of hits) {
          const segments = listSegments(join(copy, "wal")).filter(({ size }) => size > 0);
          const { path } = segments[Math.floor(at * segments.length)]!;
          const bytes = readFileSync(path);
          bytes[Math.floor(((at * segments.length) % 1) * bytes.length)] = byte;
          writeFileSync(path, bytes);
        }
        const again = await open(copy);
        const rows = (await readRows(again)).map(String);
        expect(rows.filter((row) => !written.has(row))).toEqual([]);
        await again.close();
        const third = await open(copy);
        expect(third.corruptions).toBe(0);
        expect((await readRows(third)).map(String)).toEqual(rows);
        await third.close();
      },
    ),
    { numRuns: 25 },
  );
});

test("on a full disk commits are refused, queries work and one message is logged; commits work again once there is room", async () => {
  const dir = temporaryFolder();
  const logger = memoryLogger();
  let full = false;
  const db = await open(dir, {
    logger,
    files: refusing("write", () => full),
  });
  await append(db, [["a", 1000, 1]]);
  full = true;
  await expect(
    append(db, [
      ["a", 2000, 2],
      ["new", 2000, 2],
    ]),
  ).rejects.toThrow("no space left");
  await expect(append(db, [["a", 3000, 3]])).rejects.toThrow("no space left");
  expect(await readRows(db)).toEqual([["a", 1000, 1]]);
  full = false;
  await append(db, [
    ["a", 4000, 4],
    ["new", 4000, 4],
  ]);
  const expected: NamedRow[] = [
    ["a", 1000, 1],
    ["a", 4000, 4],
    ["new", 4000, 4],
  ];
  expect(await readRows(db)).toEqual(expected);
  expect(logger.lines.filter(({ message }) => message.startsWith("writing the WAL")).length).toBe(2);
  expect(db.collect()["prometheus_tsdb_wal_writes_failed_total"]).toBe(2);
  await db.close();
  const again = await open(dir);
  expect(await readRows(again)).toEqual(expected);
});

test("a commit of many samples is applied in pieces, and readers see all of it or none", async () => {
  const db = await open(temporaryFolder());
  const rows = Array.from({ length: 40_000 }, (_, i): NamedRow => [`m${i % 50}`, 1000 + Math.floor(i / 50), i]);
  const commit = append(db, rows);
  let seen = 0;
  do {
    seen = (await readRows(db)).length;
    expect([0, rows.length]).toContain(seen);
    await new Promise((resolve) => setImmediate(resolve));
  } while (seen === 0);
  await commit;
});

test("data older than the retention is removed from memory and log; the rest survives a restart", async () => {
  const dir = temporaryFolder();
  const hour = 3_600_000;
  const options = { retentionMs: 6 * hour, walSegmentBytes: 32 * 1024 };
  const db = await open(dir, options);
  await append(db, [["gone", 0, 1]]);
  for (let t = 0; t <= 48 * hour; t += 60_000) {
    await append(
      db,
      Array.from({ length: 20 }, (_, i): NamedRow => [`m${i}`, t, t * i]),
    );
    if (t % hour === 0) await db.maintain();
  }
  await db.maintain();
  expect(db.minTime).toBeGreaterThan(39 * hour);
  expect((await db.stats(10)).headStats.numSeries).toBe(20);
  expect(listCheckpoints(join(dir, "wal")).length).toBe(1);
  const metrics = db.collect();
  expect(metrics["prometheus_tsdb_head_series_removed_total"]).toBe(1);
  expect(metrics["prometheus_tsdb_head_chunks"]).toBeLessThan(20 * 20);
  expect(metrics["prometheus_tsdb_wal_storage_size_bytes"]).toBeLessThan(20 * 60 * 9 * 20);
  const rows = await readRows(db);
  await db.close();
  const again = await open(dir, options);
  // The log still has all samples in the time range of the head's oldest chunks, so a restart restores the same
  // content.
  expect((await readRows(again)).filter(([, time]) => time >= 42 * hour)).toEqual(
    rows.filter(([, time]) => time >= 42 * hour),
  );
  await append(again, [["gone", 48 * hour, 2]]);
  expect((await readRows(again))[0]).toEqual(["gone", 48 * hour, 2]);
});

test("a second process cannot open the folder, and its error names the folder", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await expect(open(dir)).rejects.toThrow(FolderLockedError);
  await expect(open(dir)).rejects.toThrow(dir);
  await db.close();
  const again = await open(dir);
  expect(again.collect()["prometheus_tsdb_clean_start"]).toBe(1);
});

test("with the `always` policy a commit resolves after an fsync, which concurrent commits share", async () => {
  const db = await open(temporaryFolder(), { walFsync: "always" });
  await Promise.all(Array.from({ length: 20 }, (_, i) => append(db, [[`m${i}`, 1000, i]])));
  const fsyncs = db.collect()["prometheus_tsdb_wal_fsync_duration_seconds_count"]!;
  expect(fsyncs).toBeGreaterThan(0);
  expect(fsyncs).toBeLessThan(20);
});

test("stats() counts series by name, label and pair", async () => {
  const db = await open(temporaryFolder());
  await append(db, [
    ["a", 1000, 1],
    ["b", 1000, 1],
  ]);
  const stats = await db.stats(1);
  expect(stats.headStats).toEqual({ numSeries: 2, numLabelPairs: 3, chunkCount: 2, minTime: 1000, maxTime: 1000 });
  expect(stats.seriesCountByLabelValuePair).toEqual([{ name: "é=ü", value: 2 }]);
  expect(stats.labelValueCountByLabelName).toEqual([{ name: "__name__", value: 2 }]);
  expect(stats.memoryInBytesByLabelName).toEqual([{ name: "__name__", value: 22 }]);
});

test("until close() the log is synced every second, and expired data is removed every minute", async () => {
  const clock = new ManualClock();
  const db = await open(temporaryFolder(), { clock, retentionMs: 3_600_000 });
  await append(db, [["old", 0, 1]]);
  const fsyncs = (): number => db.collect()["prometheus_tsdb_wal_fsync_duration_seconds_count"]!;
  const before = fsyncs();
  await clock.advance(1000);
  expect(fsyncs()).toBe(before + 1);
  await append(db, [["newer", 8_000_000, 1]]);
  await append(db, [["newest", 20_000_000, 1]]);
  for (let seconds = 0; seconds < 65; seconds++) await clock.advance(1000);
  // Waits for maintain(), because blocks are written on another thread.
  await db.maintain();
  expect((await readRows(db)).map(([name]) => name)).toEqual(["newer", "newest"]);
  expect(db.collect()["prometheus_tsdb_time_retentions_total"]).toBe(1);
  await db.close();
  await clock.advance(120_000);
  expect(clock.pending).toBe(0);
});
