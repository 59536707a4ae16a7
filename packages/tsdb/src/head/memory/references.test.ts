import { join } from "node:path";
import { ByteWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, NO_SERIES, OUTCOME_FULL, OUTCOME_OK } from "@narthex/storage";
import { expect, test } from "vitest";
import { openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../../tsdb.ts";
import { contentsOf } from "../../testing/contents.ts";
import { writeSeries } from "../../wal/records.ts";
import { WalWriter } from "../../wal/writer.ts";

const MAX_REF = 2 ** 32 - 1;

/** Creates a data folder whose log contains series with the given references. */
async function folderWith(refs: Record<string, number>): Promise<string> {
  const dir = temporaryFolder();
  const wal = new WalWriter(join(dir, "wal"));
  const record = new ByteWriter();
  for (const [name, ref] of Object.entries(refs)) writeSeries(record, ref, Labels.of({ __name__: name }));
  wal.log(record.written);
  await wal.close();
  return dir;
}

const logger = memoryLogger();
const open = (dir: string, options: Partial<TsdbOptions> = {}): Promise<Tsdb> =>
  openTestTsdb(dir, { logger, ...options });

async function append(
  db: Tsdb,
  name: string,
  time: number,
  value: number,
): Promise<[ref: number, outcome: number | undefined]> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = app.series(Labels.of({ __name__: name }));
  batch.timestamps[0] = time;
  batch.values[0] = value;
  batch.count = 1;
  app.append(batch);
  await app.commit();
  return [batch.refs[0] ?? 0, batch.outcomes[0]];
}

const contents = async (db: Tsdb): Promise<unknown> => contentsOf(db.queryable);

test("a start uses references again that are in no file any more, and every series keeps its samples", async () => {
  const dir = await folderWith({ old: 1, newest: MAX_REF });
  let db = await open(dir);
  expect(await append(db, "newest", 1000, 1)).toEqual([MAX_REF, OUTCOME_OK]);
  expect(await append(db, "old", 1000, 2)).toEqual([1, OUTCOME_OK]);
  const [first, outcome] = await append(db, "first", 1000, 3);
  expect(outcome).toBe(OUTCOME_OK);
  expect(first).toBeGreaterThan(1);
  const [second] = await append(db, "second", 1000, 4);
  expect(second).toBe(first + 1);
  const before = await contents(db);
  await db.close();
  db = await open(dir);
  expect(await contents(db)).toEqual(before);
  const [third] = await append(db, "third", 2000, 5);
  expect([1, first, second, MAX_REF]).not.toContain(third);
  expect(await append(db, "first", 2000, 6)).toEqual([first, OUTCOME_OK]);
});

test("references are used again even if there is a memory snapshot", async () => {
  const dir = await folderWith({ old: 1, newest: MAX_REF });
  let db = await open(dir, { memorySnapshotOnShutdown: true });
  await append(db, "newest", 1000, 1);
  const [first] = await append(db, "first", 1000, 2);
  const before = await contents(db);
  await db.close();
  db = await open(dir, { memorySnapshotOnShutdown: true });
  expect(await contents(db)).toEqual(before);
  const [second, outcome] = await append(db, "second", 1000, 3);
  expect(outcome).toBe(OUTCOME_OK);
  expect([1, first, MAX_REF]).not.toContain(second);
});

test("series without a free reference are refused, counted and logged once, and existing series continue", async () => {
  const labels = Labels.of(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`l${i}`, "x"])));
  const db = await open(await folderWith({ old: 1 }));
  const app = db.appendable.appender();
  expect(app.series(labels)).toBe(NO_SERIES);
  const batch = createSampleBatch(1);
  batch.count = 1;
  app.append(batch);
  expect(batch.outcomes[0]).toBe(OUTCOME_FULL);
  app.rollback();
  expect(await append(db, "old", 1000, 2)).toEqual([1, OUTCOME_OK]);
  expect(db.collect()).toMatchObject({
    'narthex_tsdb_head_series_refused_total{lacking="labels"}': 1,
    'narthex_tsdb_head_series_refused_total{lacking="references"}': 0,
    narthex_tsdb_head_samples_refused_total: 1,
  });
});
