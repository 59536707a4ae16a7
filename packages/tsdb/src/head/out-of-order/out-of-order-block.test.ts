import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { openTsdb } from "../../open-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });

async function append(db: Tsdb, times: readonly number[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(times.length);
  batch.refs.fill(app.series(Labels.of({ __name__: "m" })));
  batch.timestamps.set(times);
  batch.values.set(times.map((time) => time / MINUTE));
  batch.count = times.length;
  app.append(batch);
  await app.commit();
}

async function read(db: Tsdb): Promise<number[]> {
  const querier = db.queryable.querier(0, 100 * HOUR);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: 0, end: 100 * HOUR });
  const into = new SampleColumns();
  if (set.labels.length > 0) set.read(0, 0, 100 * HOUR, into);
  expect([...into.values.subarray(0, into.count)]).toEqual(
    [...into.timestamps.subarray(0, into.count)].map((time) => time / MINUTE),
  );
  const times = [...into.timestamps.subarray(0, into.count)];
  querier.close();
  return times;
}

test("out-of-order samples become blocks of their own once the head is cut, and leave the log", async () => {
  const dir = mkdtempSync(join(tmpdir(), "narthex-out-of-order-block-"));
  const options = { clock: systemClock, logger, lockFile: false, retentionMs: 0, outOfOrderTimeWindowMs: 10 * HOUR };
  const inOrder = Array.from({ length: 70 }, (_, i) => 10 * HOUR + i * 5 * MINUTE);
  const late = Array.from({ length: 100 }, (_, i) => 15 * HOUR - i * 4 * MINUTE + 1);
  try {
    await using db = await openTsdb(dir, options);
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
    await using again = await openTsdb(dir, options);
    expect(await read(again)).toEqual(expected);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("blocks of out-of-order samples from the head's own time are not merged before the head was cut there", async () => {
  const dir = mkdtempSync(join(tmpdir(), "narthex-out-of-order-block-"));
  const options = { clock: systemClock, logger, lockFile: false, retentionMs: 0, outOfOrderTimeWindowMs: 10 * HOUR };
  const minutes = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => (from + i) * MINUTE);
  const isOutOfOrder = (db: Tsdb): number =>
    db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order")).length;
  try {
    await using db = await openTsdb(dir, options);
    const expected = [...minutes(0, 60), ...minutes(150, 324)];
    await append(db, expected);
    await append(db, [270 * MINUTE + 1]);
    // The head is cut at 2 h, then at 4 h: each time the out-of-order sample of 4.5 h is before samples that stay in the head.
    await db.compactNow();
    expect(isOutOfOrder(db)).toBe(1);
    await append(db, minutes(324, 340));
    await append(db, [276 * MINUTE + 1]);
    await db.compactNow();
    expect(isOutOfOrder(db)).toBe(2);
    const all = [...expected, ...minutes(324, 340), 270 * MINUTE + 1, 276 * MINUTE + 1].sort((a, b) => a - b);
    expect(await read(db)).toEqual(all);
    await db.close();
    await using again = await openTsdb(dir, options);
    expect(await read(again)).toEqual(all);
    await append(again, minutes(340, 60 * 9));
    await again.compactNow();
    expect(isOutOfOrder(again)).toBe(0);
    expect(await read(again)).toEqual([...all, ...minutes(340, 60 * 9)]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
