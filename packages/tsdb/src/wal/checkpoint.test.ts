import { statSync } from "node:fs";
import { ByteWriter, Cursor } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { runCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { histogramRecordType, isHistogramRecord, readHistogramRecord, writeHistograms } from "./histogram-records.ts";
import { readSegment } from "./read-segment.ts";
import {
  readExemplars,
  readMetadata,
  readSamples,
  readSeries,
  readTombstones,
  RECORD_EXEMPLARS,
  RECORD_METADATA,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  RECORD_TOMBSTONES,
  SampleRecord,
  writeExemplars,
  writeMetadata,
  writeSamples,
  writeSamplesV2,
  writeSeries,
  writeTombstones,
} from "./records.ts";
import { refusing } from "../testing/refusing-files.ts";
import { listCheckpoints, listSegments } from "./segment.ts";
import { WalWriter } from "./writer.ts";

/** Start time of the checkpoint, ms. `TIMES` has this time, and times shortly before and after it. */
const BEGIN = 7_200_000;
const TIMES = [BEGIN - 60_000, BEGIN - 1, BEGIN, BEGIN + 1, BEGIN + 59_999, BEGIN + 60_000];

function columns(ref: number): SampleRecord {
  const samples = new SampleRecord();
  for (const time of TIMES) {
    samples.refs[samples.count] = ref;
    samples.values[samples.count] = time / 3;
    samples.timestamps[samples.count++] = time;
  }
  return samples;
}

/** Writes a log with every kind of record in one segment, followed by an empty segment. */
async function written(): Promise<string> {
  const dir = temporaryFolder();
  const wal = new WalWriter(dir);
  const record = new ByteWriter();
  for (const ref of [1, 2, 3, 9]) writeSeries(record, ref, Labels.of({ __name__: `s${ref}` }));
  wal.log(record.written);
  const floats = columns(1);
  writeSamples(record, floats.refs, floats.timestamps, floats.words, 0, floats.count);
  wal.log(record.written);
  writeSamplesV2(record, columns(2), 0, TIMES.length);
  wal.log(record.written);
  const histograms = TIMES.map((timestamp) => ({ ref: 3, timestamp, histogram: histogramOf(2), start: 0 }));
  writeHistograms(record, histogramRecordType(histograms[0]!), histograms);
  wal.log(record.written);
  writeExemplars(
    record,
    TIMES.map((timestamp) => ({ ref: 1, exemplar: { labels: Labels.of({ trace: "t" }), value: 1, timestamp } })),
  );
  wal.log(record.written);
  record.reset();
  writeTombstones(
    record,
    TIMES.map((time) => ({ ref: 2, minTime: time - 10, maxTime: time })),
  );
  wal.log(record.written);
  wal.nextSegment();
  await wal.close();
  return dir;
}

/** Returns the times of the copied samples by kind of record, and the references of copied series. */
async function kept(dir: string): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {
    series: [],
    floats: [],
    v2: [],
    histograms: [],
    exemplars: [],
    deleted: [],
  };
  const samples = new SampleRecord();
  const visit = (record: Uint8Array): void => {
    const type = record[0]!;
    const cursor = new Cursor(record.slice(), 1);
    if (type === RECORD_SERIES) readSeries(cursor, (ref) => found["series"]!.push(ref));
    else if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) {
      readSamples(cursor, type, samples);
      expect([...samples.values.subarray(0, samples.count)]).toEqual(
        [...samples.timestamps.subarray(0, samples.count)].map((time) => time / 3),
      );
      found[type === RECORD_SAMPLES ? "floats" : "v2"]!.push(...samples.timestamps.subarray(0, samples.count));
    } else if (isHistogramRecord(type)) {
      readHistogramRecord(cursor, type, ({ timestamp }) => found["histograms"]!.push(timestamp));
    } else if (type === RECORD_EXEMPLARS) {
      readExemplars(cursor, ({ exemplar }) => found["exemplars"]!.push(exemplar.timestamp));
    } else if (type === RECORD_TOMBSTONES) {
      readTombstones(cursor, ({ maxTime }) => found["deleted"]!.push(maxTime));
    }
  };
  for (const { path } of listSegments(listCheckpoints(dir).at(-1)!.path)) await readSegment(path, visit);
  return found;
}

test("a checkpoint has all samples from its minimum time on, to the millisecond, and none before", async () => {
  const dir = await written();
  await writeCheckpoint(dir, { lastSegment: 0, minTime: BEGIN, keepSeries: (ref) => ref !== 9, compression: "none" });
  const from = TIMES.filter((time) => time >= BEGIN);
  expect(await kept(dir)).toEqual({
    series: [1, 2, 3],
    floats: from,
    v2: from,
    histograms: from,
    exemplars: from,
    deleted: from,
  });
  expect(listSegments(dir).map(({ index }) => index)).not.toContain(0);
});

test("a checkpoint keeps deletions as long as the out-of-order samples that they concern", async () => {
  const dir = await written();
  await writeCheckpoint(dir, {
    lastSegment: 0,
    minTime: BEGIN,
    tombstonesFrom: BEGIN - 1,
    keepSeries: () => true,
    compression: "none",
  });
  expect((await kept(dir))["deleted"]).toEqual(TIMES.filter((time) => time >= BEGIN - 1));
});

test("if the checkpoint already exists, it is not written again, and the files that it replaces are removed", async () => {
  const dir = await written();
  const files: Files = {
    ...diskFiles,
    // Throws after the rename of the checkpoint, as if the thread had ended at this moment.
    rename: (from, to) => {
      diskFiles.rename(from, to);
      if (to.includes("checkpoint")) throw new Error("ended");
    },
  };
  const request = {
    lastSegment: 0,
    minTime: BEGIN,
    keepSeries: (ref: number) => ref !== 9,
    compression: "none",
    files,
  } as const;
  await expect(writeCheckpoint(dir, request)).rejects.toThrow("ended");
  const [finished] = listCheckpoints(dir);
  const inode = statSync(finished!.path).ino;
  expect(listSegments(dir).map(({ index }) => index)).toContain(0);
  await writeCheckpoint(dir, request);
  expect(listCheckpoints(dir)).toEqual([finished]);
  expect(statSync(finished!.path).ino).toBe(inode);
  expect((await kept(dir))["series"]).toEqual([1, 2, 3]);
  expect(listSegments(dir).map(({ index }) => index)).not.toContain(0);
});

test("runCheckpoint() handles references beyond 32 bits, which the log of another program may have", async () => {
  const dir = temporaryFolder();
  const [kept, gone] = [2 ** 32 + 7, 2 ** 32 + 9];
  const wal = new WalWriter(dir, { compression: "none" });
  const record = new ByteWriter();
  for (const ref of [kept, gone]) writeSeries(record, ref, Labels.of({ __name__: `s${ref}` }));
  wal.log(record.written);
  wal.nextSegment();
  await wal.close();
  const keptRefs = Float64Array.of(9, kept);
  await runCheckpoint(dir, { lastSegment: 0, minTime: 0, compression: "none", keptRefs }, diskFiles);
  const refs: number[] = [];
  const { path } = listSegments(listCheckpoints(dir).at(-1)!.path)[0]!;
  await readSegment(path, (bytes) => {
    const cursor = new Cursor(bytes);
    cursor.u8();
    readSeries(cursor, (ref) => refs.push(ref));
  });
  expect(refs).toEqual([kept]);
});

test("metadata of many series is written in records of a limited size", async () => {
  const dir = temporaryFolder();
  const wal = new WalWriter(dir);
  const record = new ByteWriter();
  const count = 10_000;
  for (let ref = 1; ref <= count; ref++)
    writeMetadata(record, ref, { type: "counter", unit: "", help: `Number ${ref}.` });
  wal.log(record.written);
  wal.nextSegment();
  await wal.close();
  await writeCheckpoint(dir, { lastSegment: 0, minTime: 0, keepSeries: () => true, compression: "none" });
  const found = new Set<number>();
  let longest = 0;
  for (const { path } of listSegments(listCheckpoints(dir).at(-1)!.path)) {
    await readSegment(path, (bytes) => {
      if (bytes[0] !== RECORD_METADATA) return;
      longest = Math.max(longest, bytes.length);
      readMetadata(new Cursor(bytes, 1), (ref) => found.add(ref));
    });
  }
  expect(found.size).toBe(count);
  expect(longest).toBeLessThan(70_000);
});

test("a segment that is removed while segments are listed is not in the list", async () => {
  const dir = temporaryFolder();
  await new WalWriter(dir).close();
  const files: Files = { ...diskFiles, list: (path) => ["00000007", ...diskFiles.list(path)] };
  expect(listSegments(dir, files)).toEqual(listSegments(dir));
});

/** Writes a log with 1,000 series of 1 kB, and returns its folder. */
async function longLog(): Promise<string> {
  const dir = temporaryFolder();
  const wal = new WalWriter(dir);
  const record = new ByteWriter();
  const value = "x".repeat(1000);
  for (let ref = 1; ref <= 1000; ref++) {
    record.reset();
    writeSeries(record, ref, Labels.of({ __name__: `s${ref}`, value }));
    wal.log(record.written);
  }
  wal.nextSegment();
  await wal.close();
  return dir;
}

const EVERYTHING = { lastSegment: 0, minTime: BEGIN, keepSeries: () => true, compression: "none" } as const;

test("a checkpoint of a long log is written in parts of bounded size", async () => {
  const dir = await longLog();
  let largest = 0;
  const files = refusing("write", (_, bytes) => {
    largest = Math.max(largest, bytes.length);
    return false;
  });
  await writeCheckpoint(dir, { ...EVERYTHING, files });
  expect(largest).toBeGreaterThan(0);
  expect(largest).toBeLessThan(400_000);
  expect((await kept(dir))["series"]).toHaveLength(1000);
});

test("a checkpoint that the disk refuses leaves no file open", async () => {
  const open = new Set<number>();
  const full = refusing("write", () => true);
  const calls: Partial<Files> = {
    open(path, mode) {
      const file = full.open(path, mode);
      open.add(file);
      return file;
    },
    close(file) {
      open.delete(file);
      full.close(file);
    },
  };
  const files = new Proxy(full, { get: (_, call: keyof Files) => calls[call] ?? full[call].bind(full) });
  await expect(writeCheckpoint(await longLog(), { ...EVERYTHING, files })).rejects.toThrow("ENOSPC");
  expect(open.size).toBe(0);
});
