import { setImmediate } from "node:timers";
import { Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { contentsOf } from "../testing/contents.ts";
import { appendRows } from "../testing/sample-rows.ts";
import { openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";

const SERIES = 5000;
const HOUR_MS = 3_600_000;
const EVERYTHING = [new Matcher("=~", "__name__", ".+")];

/** Counts the turns of the event loop until the object is disposed of. */
class Turns implements Disposable {
  count = 0;
  #isOver = false;

  constructor() {
    const next = (): void => {
      this.count++;
      if (!this.#isOver) setImmediate(next);
    };
    setImmediate(next);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
  }
}

const append = (db: Tsdb, time: number): Promise<void> =>
  appendRows(
    db,
    Array.from({ length: SERIES }, (_, i) => [`m${i}`, time, i]),
  );

test("during a deletion of many series, in the head and in blocks, other work runs; the deletion is kept after a start", async () => {
  const dir = temporaryFolder();
  let onWrite = (_path: string): void => {};
  const paths = new Map<number, string>();
  const files: Files = {
    ...diskFiles,
    open(path, mode) {
      const file = diskFiles.open(path, mode);
      paths.set(file, path);
      return file;
    },
    write(file, bytes) {
      onWrite(paths.get(file)!);
      return diskFiles.write(file, bytes);
    },
  };
  const db = await openTestTsdb(dir, { retentionMs: 0, files });
  await append(db, 0);
  await append(db, 4 * HOUR_MS);
  await db.maintain();
  expect(db.blocks()).toHaveLength(1);
  const before = { tombstones: Infinity, log: Infinity };
  using turns = new Turns();
  onWrite = (path) => {
    if (path.includes("tombstones")) before.tombstones = Math.min(before.tombstones, turns.count);
    // Counts only writes to log segments. The folder also has a file with the synced length of the log, which is
    // written at unpredictable times.
    if (/\/wal\/\d+$/.test(path)) before.log = Math.min(before.log, turns.count);
  };
  await db.deleteSeries(EVERYTHING, 0, HOUR_MS);
  // In a block, each turn of the event loop either finds 1024 series or computes the deleted intervals of 1024 series.
  expect(before.tombstones).toBeGreaterThan(7);
  const middle = turns.count;
  // The time range begins after the end of the block, so only samples in the head are deleted. Syncs of the block's
  // files would also take turns of the event loop.
  await db.deleteSeries(EVERYTHING, 3 * HOUR_MS, 5 * HOUR_MS);
  // In the head, each turn of the event loop tests 1024 label values or creates 1024 intervals. A log record has 2048
  // intervals.
  expect(before.log - middle).toBeGreaterThan(8);
  expect(await contentsOf(db.queryable)).toEqual(new Map());
  await db.close();
  const again = await openTestTsdb(dir, { retentionMs: 0 });
  expect(await contentsOf(again.queryable)).toEqual(new Map());
});
