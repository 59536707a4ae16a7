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

/** Counts turns of the event loop until it is disposed of. */
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

test("a deletion of many series lets the event loop have its turns, in the head and in blocks, and is there after a start", async () => {
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
    // Only segments: the log also notes in a file beside them how far it is synced, which may come late.
    if (/\/wal\/\d+$/.test(path)) before.log = Math.min(before.log, turns.count);
  };
  await db.deleteSeries(EVERYTHING, 0, HOUR_MS);
  // The block: its series are found, and get their intervals, each 1024 in a turn.
  expect(before.tombstones).toBeGreaterThan(7);
  const middle = turns.count;
  // After the block ends: syncs of its files would take turns as well.
  await db.deleteSeries(EVERYTHING, 3 * HOUR_MS, 5 * HOUR_MS);
  // The head: label values are tested, and intervals are made, each 1024 in a turn; 2048 are in a record.
  expect(before.log - middle).toBeGreaterThan(8);
  expect(await contentsOf(db.queryable)).toEqual(new Map());
  await db.close();
  const again = await openTestTsdb(dir, { retentionMs: 0 });
  expect(await contentsOf(again.queryable)).toEqual(new Map());
});
