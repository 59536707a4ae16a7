import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK, OUTCOME_UNKNOWN_SERIES } from "@narthex/storage";
import { expect, test } from "vitest";
import { appendRows } from "../../testing/sample-rows.ts";
import { openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";
import { diskFiles } from "../../files.ts";
import { readSegment } from "../../wal/read-segment.ts";
import { RECORD_METADATA } from "../../wal/records.ts";
import { listCheckpoints, listSegments } from "../../wal/segment.ts";

async function appendMetadata(db: Tsdb, name: string, help: string, time: number): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(1);
  const ref = app.series(Labels.of({ __name__: name }));
  batch.refs[0] = ref;
  batch.timestamps[0] = time;
  batch.count = 1;
  app.append(batch);
  expect(app.appendMetadata!(ref, { type: "counter", help, unit: "bytes" })).toBe(OUTCOME_OK);
  await app.commit();
}

const known = (db: Tsdb): Record<string, string> =>
  Object.fromEntries(
    [...db.metadata()].map(([labels, { type, help, unit }]) => [labels.key, `${type} ${help} ${unit}`]),
  );

const keyOf = (name: string): string => Labels.of({ __name__: name }).key;

async function metadataRecords(dir: string): Promise<number> {
  let count = 0;
  const checkpointed = listCheckpoints(dir).flatMap(({ path }) => listSegments(path));
  for (const { path } of [...checkpointed, ...listSegments(dir)]) {
    await readSegment(path, (record) => (count += record[0] === RECORD_METADATA ? 1 : 0), 1, diskFiles);
  }
  return count;
}

test("metadata is logged when it changes, and is there after a start", async () => {
  const dir = temporaryFolder();
  const db = await openTestTsdb(dir);
  for (let time = 0; time < 5; time++) await appendMetadata(db, "a", "One.", time * 1000);
  await appendMetadata(db, "a", "Two.", 5000);
  await appendMetadata(db, "b", "One.", 5000);
  expect(db.appendable.appender().appendMetadata!(4_000_000_000, { type: "gauge", help: "", unit: "" })).toBe(
    OUTCOME_UNKNOWN_SERIES,
  );
  const now = { [keyOf("a")]: "counter Two. bytes", [keyOf("b")]: "counter One. bytes" };
  expect(known(db)).toEqual(now);
  expect(await metadataRecords(join(dir, "wal"))).toBe(3);
  const next = await openTestTsdb(dir);
  expect(known(next)).toEqual(now);
  await appendMetadata(next, "a", "Two.", 6000);
  expect(await metadataRecords(join(dir, "wal"))).toBe(3);
});

test("checkpoints keep the newest metadata of the remaining series; memory snapshots contain none, since the log has it", async () => {
  const dir = temporaryFolder();
  const options = { minBlockDurationMs: 60_000, walSegmentBytes: 32 * 1024, memorySnapshotOnShutdown: true };
  const db = await openTestTsdb(dir, options);
  await appendMetadata(db, "gone", "Gone.", 0);
  await appendMetadata(db, "stays", "Old.", 0);
  await appendMetadata(db, "stays", "New.", 1);
  for (let time = 1000; time < 900_000; time += 1000) {
    await appendRows(db, [["stays", time, 0]]);
    if (time % 100_000 === 0) await db.compactNow();
  }
  // Waits for the maintenance that appends have started. Otherwise the maintenance may remove files while another
  // storage opens the folder.
  await db.maintain();
  expect(listCheckpoints(join(dir, "wal")).length).toBe(1);
  const now = { [keyOf("stays")]: "counter New. bytes" };
  expect(known(db)).toEqual(now);
  const other = await openTestTsdb(dir);
  expect(known(other)).toEqual(now);
  await db.close();
  const next = await openTestTsdb(dir, options);
  expect(known(next)).toEqual(now);
});
