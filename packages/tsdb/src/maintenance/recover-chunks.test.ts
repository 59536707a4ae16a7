import { join } from "node:path";
import { Labels } from "@narthex/model";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { OUTCOME_OK } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { contentsOf } from "../testing/contents.ts";
import { appendRows, readRows, timesBetween } from "../testing/sample-rows.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { systemError } from "../testing/system-error.ts";
import { openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Time of the first sample, ms. A two-hour block begins at this time. */
const START = 2 * HOUR * 100_000;
const HEADER_BYTES = 8;

type Contents = Map<string, Map<number, string>>;

/** Returns a simulated disk on which reads of the paths in `broken` fail. */
function breakableDisk(): { files: Files; broken: Set<string> } {
  const mounted = new SimulatedDisk(() => 0.5).mount();
  const paths = new Map<number, string>();
  const broken = new Set<string>();
  const check = (file: number): void => {
    const path = paths.get(file)!;
    if (broken.has(path)) throw systemError("EIO", path);
  };
  const files = new Proxy(mounted, {
    get(target, name: keyof Files) {
      if (name === "open") {
        return (...args: Parameters<Files["open"]>) => {
          const file = target.open(...args);
          paths.set(file, args[0]);
          return file;
        };
      }
      if (name === "read" || name === "readLater") {
        return (...args: Parameters<Files["read"]>) => {
          check(args[0]);
          return target[name](...args);
        };
      }
      return target[name].bind(target);
    },
  });
  return { files, broken };
}

async function open(dir: string, files: Files, options: Partial<TsdbOptions> = {}) {
  const logger = memoryLogger();
  const db = await openTestTsdb(dir, {
    logger,
    files,
    walCompression: "none",
    outOfOrderTimeWindowMs: 100 * HOUR,
    retentionMs: 0,
    ...options,
  });
  return { db, logger };
}

const append = (db: Tsdb, name: string, times: readonly number[]): Promise<void> =>
  appendRows(
    db,
    times.map((time) => [name, time, time / MINUTE]),
  );

async function appendHistograms(db: Tsdb, name: string, times: readonly number[]): Promise<void> {
  const app = db.appendable.appender();
  const ref = app.series(Labels.of({ __name__: name }));
  for (const [i, time] of times.entries()) {
    // The bucket layout of the histograms changes over time.
    const histogram = histogramOf(2 + Math.floor(i / 20), { integer: true, sum: time / HOUR });
    expect(app.appendHistogram(ref, time, histogram)).toBe(OUTCOME_OK);
  }
  await app.commit();
}

const everyMinute = (from: number, minutes: number): number[] => timesBetween(from, from + minutes * MINUTE, MINUTE);

/**
 * Appends samples of three series until the head must be written to a block. Calls `damage` when the closed chunks are
 * in files.
 */
async function fill(db: Tsdb, damage: () => unknown): Promise<void> {
  for (let hour = 0; hour < 5; hour++) {
    const times = everyMinute(START + hour * HOUR, 60);
    await append(db, "a", times);
    await append(db, "b", times);
    await appendHistograms(db, "h", times);
    if (hour !== 2) continue;
    await db.maintain();
    await damage();
  }
}

/** Returns the content that the database has without any damage. */
async function intact(options: Partial<TsdbOptions> = {}): Promise<Contents> {
  const { db } = await open("/data", breakableDisk().files, options);
  await fill(db, () => {});
  await db.maintain();
  const contents = await contentsOf(db.queryable);
  await db.close();
  return contents;
}

/** Flips a bit of byte `at` of a file. */
function flip(files: Files, path: string, at: number): void {
  const byte = files.readWhole(path)[at]! ^ 0x10;
  const file = files.open(path, "r+");
  files.writeAt(file, Uint8Array.of(byte), at);
  files.close(file);
}

function metric(db: Tsdb, name: string): number {
  return Number(db.collect()[name]);
}

async function inOrder(dir: string, files: Files, damage: () => void, options: Partial<TsdbOptions> = {}) {
  const { db, logger } = await open(dir, files, options);
  const before = await intact(options);
  await fill(db, damage);
  await db.maintain();
  await db.maintain();
  expect(db.blocks().map(({ minTime }) => minTime)).toEqual([START]);
  expect(db.collect()["prometheus_tsdb_head_min_time"]).toBe(START + 2 * HOUR);
  expect(await contentsOf(db.queryable)).toEqual(before);
  expect(metric(db, "prometheus_tsdb_mmap_chunk_corruptions_total")).toBe(1);
  expect(metric(db, "narthex_tsdb_head_chunks_recovered_total")).toBeGreaterThan(0);
  expect(logger.lines.filter(({ message }) => message.includes("head chunks cannot be read"))).toHaveLength(1);
  await db.close();
  const again = await open(dir, files, options);
  expect(await contentsOf(again.db.queryable)).toEqual(before);
  await again.db.close();
}

const FIRST_FILE = join("chunks_head", "000001");

test("a cut takes the samples of a chunk with a flipped bit from the log", async () => {
  for (const options of [{}, { floatChunkEncoding: "xor2" }, { startTimestamps: true }] as Partial<TsdbOptions>[]) {
    const { files } = breakableDisk();
    await inOrder("/data", files, () => flip(files, join("/data", FIRST_FILE), HEADER_BYTES + 60), options);
  }
});

test("a cut on the compaction thread takes the samples of a chunk with a flipped bit from the log", async () => {
  const dir = temporaryFolder();
  await inOrder(dir, diskFiles, () => flip(diskFiles, join(dir, FIRST_FILE), HEADER_BYTES + 60));
});

test("a cut takes the samples of a file that the disk cannot read, or that is missing or cut off, from the log", async () => {
  const damages: ((disk: ReturnType<typeof breakableDisk>, path: string) => void)[] = [
    ({ broken }, path) => broken.add(path),
    ({ files }, path) => files.unlink(path),
    ({ files }, path) => files.truncate(path, 100),
  ];
  for (const damage of damages) {
    const disk = breakableDisk();
    await inOrder("/data", disk.files, () => damage(disk, join("/data", FIRST_FILE)));
  }
});

test("a cut of out-of-order samples takes the samples of unreadable chunks from their log", async () => {
  const damages: ((disk: ReturnType<typeof breakableDisk>, path: string) => void)[] = [
    ({ files }, path) => flip(files, path, HEADER_BYTES + 60),
    ({ broken }, path) => broken.add(path),
  ];
  for (const damage of damages) {
    const disk = breakableDisk();
    const { files } = disk;
    const { db } = await open("/data", files);
    await append(db, "a", everyMinute(START + 3 * HOUR, 60));
    await append(db, "b", everyMinute(START + 3 * HOUR, 60));
    // Adds out-of-order samples. Each commit fills one chunk of 32 samples, and the time ranges of these chunks
    // overlap.
    for (let i = 0; i < 5; i++) {
      await append(
        db,
        "a",
        everyMinute(START, 40).map((time) => time + i * 7001),
      );
      await appendHistograms(
        db,
        "a",
        everyMinute(START, 40).map((time) => time + i * 6007 + 1),
      );
    }
    const before = await contentsOf(db.queryable);
    damage(disk, join("/data", FIRST_FILE));
    for (const name of ["a", "b"]) await append(db, name, everyMinute(START + 4 * HOUR, 180));
    await db.maintain();
    await db.maintain();
    const late = db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order"));
    expect(late.length).toBeGreaterThan(0);
    const after = await contentsOf(db.queryable);
    for (const [time, value] of before.get('{__name__="a"}')!)
      expect(after.get('{__name__="a"}')!.get(time)).toBe(value);
    expect(metric(db, "narthex_tsdb_head_chunks_recovered_total")).toBeGreaterThan(0);
    await db.close();
  }
});

test("the head is not cut while neither the chunk file nor the log can be read, and is cut when one of them can", async () => {
  const { files, broken } = breakableDisk();
  const { db, logger } = await open("/data", files);
  const before = await intact();
  await fill(db, async () => {
    flip(files, join("/data", FIRST_FILE), HEADER_BYTES + 60);
    for (const name of files.list(join("/data", "wal"))) {
      if (/^\d+$/.test(name)) broken.add(join("/data", "wal", name));
    }
    await expect(contentsOf(db.queryable)).rejects.toThrow("checksum mismatch");
  });
  for (let i = 0; i < 3; i++) {
    // oxlint-disable-next-line no-await-in-loop -- the steps depend on the time of the clock
    await expect(db.maintain()).rejects.toThrow("restart the server");
    expect(db.blocks()).toEqual([]);
  }
  const said = "the WAL does not have all of their samples";
  expect(logger.lines.some(({ message }) => message.includes(said))).toBe(true);
  broken.clear();
  await db.maintain();
  expect(db.blocks().map(({ minTime }) => minTime)).toEqual([START]);
  expect(await contentsOf(db.queryable)).toEqual(before);
});

test("a chunk file is left unchanged if the log may lack its samples, since it is the only copy", async () => {
  const { files } = breakableDisk();
  {
    const { db } = await open("/data", files);
    await append(db, "a", everyMinute(START, 180));
    await db.maintain();
    await db.close();
  }
  // Removes the file that says that the log is complete. Without it, the next start assumes that the log may lack
  // samples, as after a power cut.
  files.unlink(join("/data", "log-gap"));
  const { db } = await open("/data", files);
  flip(files, join("/data", FIRST_FILE), HEADER_BYTES + 60);
  await append(db, "a", everyMinute(START + 3 * HOUR, 120));
  await expect(db.maintain()).rejects.toThrow("checksum mismatch");
  expect(metric(db, "narthex_tsdb_head_chunks_recovered_total")).toBe(0);
});

test("a damaged chunk does not disturb queries of other series", async () => {
  const { files } = breakableDisk();
  const { db } = await open("/data", files);
  const countOf = async (name: string): Promise<number> => (await readRows(db, name)).length;
  await fill(db, async () => {
    flip(files, join("/data", FIRST_FILE), HEADER_BYTES + 60);
    const counts = await Promise.allSettled(["a", "b", "h"].map(countOf));
    expect(counts.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(counts.filter((count) => count.status === "fulfilled" && count.value === 180)).toHaveLength(2);
  });
});
