import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, type Queryable, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { openTsdb } from "../../open-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";
import { diskFiles, type Files } from "../../files.ts";
import { listSegments, type Segment } from "../../wal/segment.ts";
import { copyOf } from "../../testing/test-tsdb.ts";
import { systemError } from "../../testing/system-error.ts";

/**
 * Simulates a small disk: files of one folder accept only `room` more bytes in total. The disk can also refuse to
 * truncate files.
 */
class SmallDisk {
  room = Infinity;
  truncates = true;
  readonly files: Files;
  readonly #part: string;
  readonly #held = new Set<number>();

  constructor(part: string) {
    this.#part = part;
    this.files = {
      ...diskFiles,
      open: (path, mode) => {
        const file = diskFiles.open(path, mode);
        if (path.includes(this.#part)) this.#held.add(file);
        else this.#held.delete(file);
        return file;
      },
      write: (file, bytes) => this.#write(file, bytes),
      truncate: (path, size) => {
        if (!this.truncates) throw systemError("EIO", path);
        diskFiles.truncate(path, size);
      },
    };
  }

  #write(file: number, bytes: Uint8Array): number {
    if (!this.#held.has(file)) return diskFiles.write(file, bytes);
    if (this.room <= 0) throw systemError("ENOSPC", this.#part);
    const count = diskFiles.write(file, bytes.subarray(0, Math.min(bytes.length, this.room)));
    this.room -= count;
    return count;
  }
}

const open = (dir: string, files: Files = diskFiles): Promise<Tsdb> =>
  openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    files,
    lockFile: false,
    walCompression: "none",
    walSegmentBytes: 128 * 1024,
    outOfOrderTimeWindowMs: 3_600_000,
  });

const SERIES = 500;

/** Appends one sample of each series at each time in `times`, in one commit. */
async function append(db: Tsdb, times: readonly number[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(SERIES * times.length);
  const refs = Array.from({ length: SERIES }, (_, i) => app.series(Labels.of({ __name__: "m", i: String(i) })));
  for (const time of times) {
    for (const ref of refs) {
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = time;
      batch.values[batch.count] = time;
      batch.count++;
    }
  }
  app.append(batch);
  await app.commit();
}

async function timesOf(storage: Queryable): Promise<number[]> {
  const querier = storage.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: -Infinity, end: Infinity });
  const times = new Set<number>();
  const into = new SampleColumns();
  for (const index of set.labels.keys()) {
    into.reset();
    set.read(index, -Infinity, Infinity, into);
    for (const time of into.timestamps.subarray(0, into.count)) times.add(time);
  }
  querier.close();
  return [...times].sort((a, b) => a - b);
}

/** Returns the times of the samples after the process was killed and the database was opened again. */
async function afterKill(dir: string): Promise<number[]> {
  const db = await open(copyOf(dir));
  const times = await timesOf(db.queryable);
  await db.close();
  return times;
}

const LARGE = Array.from({ length: 40 }, (_, i) => 10_000 + i);

test("if the log cannot be truncated after a refused commit, further commits are refused until it can", async () => {
  const dir = temporaryFolder();
  const disk = new SmallDisk("/wal/");
  const db = await open(dir, disk.files);
  await append(db, [1000]);
  disk.room = 150_000;
  disk.truncates = false;
  await expect(append(db, LARGE)).rejects.toThrow("ENOSPC");
  disk.room = Infinity;
  await expect(append(db, [2000])).rejects.toThrow("EIO");
  disk.truncates = true;
  await append(db, [3000]);
  expect(await timesOf(db.queryable)).toEqual([1000, 3000]);
  expect(await afterKill(dir)).toEqual([1000, 3000]);
  await db.close();
});

test("large commits that succeeded are restored completely", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await append(db, LARGE);
  expect(await afterKill(dir)).toEqual(LARGE);
  await db.close();
});

test("the write-ahead log contains no out-of-order samples, which a full disk may refuse in their own log", async () => {
  const dir = temporaryFolder();
  const disk = new SmallDisk("/wbl/");
  const db = await open(dir, disk.files);
  await append(db, [1_000_000]);
  const [{ size }] = listSegments(join(dir, "wal")) as [Segment];
  disk.room = 0;
  await expect(append(db, [50_000])).rejects.toThrow("ENOSPC");
  disk.room = Infinity;
  await append(db, [60_000]);
  expect(listSegments(join(dir, "wal"))).toMatchObject([{ size }]);
  await db.close();
});

test("out-of-order samples that close a chunk within a commit are there after a kill", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  await append(db, [1_000_000]);
  for (const from of [1, 21, 41, 61]) {
    await append(
      db,
      Array.from({ length: 20 }, (_, i) => (from + i) * 1000),
    );
  }
  const expected = [...Array.from({ length: 80 }, (_, i) => (i + 1) * 1000), 1_000_000];
  expect(await timesOf(db.queryable)).toEqual(expected);
  expect(await afterKill(dir)).toEqual(expected);
  await db.close();
});

test("most of thousands of new series are logged before the commit; those that the disk refuses are logged with the next one", async () => {
  const dir = temporaryFolder();
  const disk = new SmallDisk("/wal/");
  const db = await open(dir, disk.files);
  const logged = (): number => listSegments(join(dir, "wal")).reduce((sum, { size }) => sum + size, 0);
  const feed = (from: number, to: number): ReturnType<Tsdb["appendable"]["appender"]> => {
    const app = db.appendable.appender();
    const batch = createSampleBatch(to - from);
    for (let i = from; i < to; i++) {
      batch.refs[batch.count] = app.series(Labels.of({ __name__: "m", i: String(i) }));
      batch.timestamps[batch.count++] = i;
    }
    app.append(batch);
    return app;
  };
  const before = logged();
  const first = feed(0, 3000);
  expect(logged()).toBeGreaterThan(before + 20_000);
  await first.commit();
  disk.room = 0;
  await expect(feed(3000, 6000).commit()).rejects.toThrow("ENOSPC");
  disk.room = Infinity;
  await feed(4000, 7000).commit();
  const all = Array.from({ length: 7000 }, (_, i) => i).filter((i) => i < 3000 || i >= 4000);
  expect(await afterKill(dir)).toEqual(all);
  await db.close();
});
