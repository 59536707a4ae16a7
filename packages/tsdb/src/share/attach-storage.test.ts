import { once } from "node:events";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Labels, Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { contentsOf } from "../testing/contents.ts";
import { appendRows } from "../testing/sample-rows.ts";
import { openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import { attachStorage } from "./attach-storage.ts";
import type { PrefixOrder, PrefixVerdict } from "./testing-prefix-reader.ts";

const STEP = 60_000;
const BLOCK = 30 * STEP;
const START = BLOCK * 900_000;
const SERIES = 10;
const EVERYTHING = { start: -Infinity, end: Infinity };

const open = (dir = temporaryFolder()): Promise<Tsdb> =>
  openTestTsdb(dir, { retentionMs: 0, minBlockDurationMs: BLOCK, maxBlockDurationMs: BLOCK * 9 });

/** Appends one sample with the value `step` to every series. */
async function append(db: Tsdb, step: number, name = "steady"): Promise<void> {
  const time = START + step * STEP;
  const series = Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: name, i: `${i}` }));
  await appendRows(
    db,
    series.map((labels) => [labels, time, time / STEP]),
  );
}

test("an attached storage gives the same results as its owner: head, blocks, merged blocks, deleted samples, removed blocks", async () => {
  const db = await open();
  const share = db.share();
  const attached = attachStorage(share.handles);
  expect(await contentsOf(attached.queryable)).toEqual(new Map());
  for (let step = 0; step < 400; step++) await append(db, step);
  expect(await contentsOf(attached.queryable)).toEqual(await contentsOf(db.queryable));
  await db.compactNow();
  expect(db.blocks().some(({ compaction }) => compaction.level > 1)).toBe(true);
  expect(await contentsOf(attached.queryable)).toEqual(await contentsOf(db.queryable));
  await db.deleteSeries([new Matcher("=", "i", "3")], START + 10 * STEP, START + 200 * STEP);
  const withHoles = await contentsOf(db.queryable);
  expect(await contentsOf(attached.queryable)).toEqual(withHoles);
  await db.cleanTombstones();
  expect(await contentsOf(attached.queryable)).toEqual(withHoles);
  db.applyRetention({ timeMs: BLOCK * 3, sizeBytes: 0 });
  await db.maintain();
  expect(await contentsOf(attached.queryable)).toEqual(await contentsOf(db.queryable));
  attached.close();
  share.release();
});

test("the warnings of an attached storage name the block that could not be read", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  const share = db.share();
  const attached = attachStorage(share.handles);
  await append(db, 0);
  mkdirSync(join(dir, "01H00000000000000000000000"));
  await db.maintain();
  const querier = attached.queryable.querier(-Infinity, Infinity);
  const { warnings } = await querier.select([new Matcher("=", "__name__", "steady")], EVERYTHING);
  querier.close();
  expect(warnings).toEqual([expect.stringMatching(/^block 01H0+ cannot be read, its samples are missing: /)]);
  attached.close();
  share.release();
});

test("results have a warning for a block that a thread cannot open, until it can open the block open the block", async () => {
  const dir = temporaryFolder();
  const db = await open(dir);
  for (let step = 0; step < 200; step++) await append(db, step);
  await db.compactNow();
  const whole = await contentsOf(db.queryable);
  const index = join(dir, db.blocks()[0]!.ulid, "index");
  renameSync(index, `${index}.away`);
  const share = db.share();
  const attached = attachStorage(share.handles);
  const warnings = async (): Promise<readonly string[]> => {
    const querier = attached.queryable.querier(-Infinity, Infinity);
    const set = await querier.select([new Matcher("=", "__name__", "steady")], EVERYTHING);
    querier.close();
    return set.warnings;
  };
  expect(await warnings()).toEqual([expect.stringMatching(/^block \w+ cannot be read, its samples are missing: /)]);
  expect((await contentsOf(attached.queryable)).size).toBe(SERIES);
  renameSync(`${index}.away`, index);
  expect(await contentsOf(attached.queryable)).toEqual(whole);
  expect(await warnings()).toEqual([]);
  attached.close();
  share.release();
});

test("a thread that reads while the head is cut, blocks are merged and series deleted sees series without gaps", async () => {
  const db = await open();
  const share = db.share();
  await append(db, 0);
  const nothingDeleted = new SharedArrayBuffer(SERIES * 4);
  const order: PrefixOrder = { handles: share.handles, stepMs: STEP, series: SERIES, deletedTo: nothingDeleted };
  const worker = new Worker(new URL("./testing-prefix-reader.ts", import.meta.url), { workerData: order });
  await once(worker, "message");
  for (let step = 1; step < 400; step++) {
    await append(db, step);
    if (step % 7 === 0) await append(db, step, `passing_${step % 3}`);
    if (step % 120 === 0) await db.compactNow();
    if (step % 90 === 0) await db.deleteSeries([new Matcher("=~", "__name__", "passing_.*")], -Infinity, Infinity);
    if (step % 200 === 0) await db.cleanTombstones();
    if (step % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const exited = once(worker, "exit");
  worker.postMessage("stop");
  const [verdict] = (await once(worker, "message")) as [PrefixVerdict];
  await exited;
  share.release();
  expect(db.blocks().length).toBeGreaterThan(1);
  await db.close();
  expect(verdict.problems).toEqual([]);
  expect(verdict.shortened).toBe(0);
  expect(verdict.reads).toBeGreaterThan(10);
  expect(verdict.samples).toBeGreaterThan(1000);
});
