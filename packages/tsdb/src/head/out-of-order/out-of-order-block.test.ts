import { readdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { appendRows, readRows, timesBetween } from "../../testing/sample-rows.ts";
import { openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const append = (db: Tsdb, times: readonly number[]): Promise<void> =>
  appendRows(
    db,
    times.map((time) => ["m", time, time / MINUTE]),
  );

async function read(db: Tsdb): Promise<number[]> {
  const rows = await readRows(db, "m");
  expect(rows.map(([, , value]) => value)).toEqual(rows.map(([, time]) => time / MINUTE));
  return rows.map(([, time]) => time);
}

test("after the head is cut, out-of-order samples are in separate blocks and are removed from their log", async () => {
  const dir = temporaryFolder();
  const options = { retentionMs: 0, outOfOrderTimeWindowMs: 10 * HOUR };
  const inOrder = Array.from({ length: 70 }, (_, i) => 10 * HOUR + i * 5 * MINUTE);
  const late = Array.from({ length: 100 }, (_, i) => 15 * HOUR - i * 4 * MINUTE + 1);
  const db = await openTestTsdb(dir, options);
  await append(db, inOrder.slice(0, 36));
  await append(db, inOrder.slice(36));
  await append(db, late);
  const expected = [...inOrder, ...late].sort((a, b) => a - b);
  expect(await read(db)).toEqual(expected);
  await db.compactNow();
  const hinted = db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order"));
  expect(hinted.length).toBeGreaterThan(0);
  expect(await read(db)).toEqual(expected);
  expect(readdirSync(join(dir, "wbl")).filter((name) => /^\d+$/.test(name))).toHaveLength(1);
  await db.close();
  const again = await openTestTsdb(dir, options);
  expect(await read(again)).toEqual(expected);
});

test("blocks of out-of-order samples are not merged before the head's samples of the same time are in blocks", async () => {
  const dir = temporaryFolder();
  const options = { retentionMs: 0, outOfOrderTimeWindowMs: 10 * HOUR };
  const minutes = (from: number, to: number): number[] => timesBetween(from * MINUTE, to * MINUTE, MINUTE);
  const isOutOfOrder = (db: Tsdb): number =>
    db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order")).length;
  const db = await openTestTsdb(dir, options);
  const expected = [...minutes(0, 60), ...minutes(150, 324)];
  await append(db, expected);
  await append(db, [270 * MINUTE + 1]);
  // Writes blocks for the in-order samples up to 2 h, and later up to 4 h. Both times, the head still has in-order
  // samples from the time of the out-of-order sample (4.5 h).
  await db.compactNow();
  expect(isOutOfOrder(db)).toBe(1);
  await append(db, minutes(324, 340));
  await append(db, [276 * MINUTE + 1]);
  await db.compactNow();
  expect(isOutOfOrder(db)).toBe(2);
  const all = [...expected, ...minutes(324, 340), 270 * MINUTE + 1, 276 * MINUTE + 1].sort((a, b) => a - b);
  expect(await read(db)).toEqual(all);
  await db.close();
  const again = await openTestTsdb(dir, options);
  expect(await read(again)).toEqual(all);
  await append(again, minutes(340, 60 * 9));
  await again.compactNow();
  expect(isOutOfOrder(again)).toBe(0);
  expect(await read(again)).toEqual([...all, ...minutes(340, 60 * 9)]);
});
