import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch, type Queryable, SampleColumns } from "@narthex/storage";
import { afterEach, expect, test } from "vitest";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import { attachStorage } from "./attach-storage.ts";
import type { PrefixOrder, PrefixVerdict } from "./testing-prefix-reader.ts";

const STEP = 60_000;
const BLOCK = 30 * STEP;
const START = BLOCK * 900_000;
const SERIES = 10;
const EVERYTHING = { start: -Infinity, end: Infinity };

const folders: string[] = [];

afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<Tsdb> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-share-"));
  folders.push(dir);
  return openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    lockFile: false,
    retentionMs: 0,
    minBlockDurationMs: BLOCK,
    maxBlockDurationMs: BLOCK * 9,
  });
}

/** One sample of every series at step `step`, whose number is its value. */
async function append(db: Tsdb, step: number, name = "steady"): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(SERIES);
  for (let i = 0; i < SERIES; i++) {
    batch.refs[i] = app.series(Labels.of({ __name__: name, i: `${i}` }));
    batch.timestamps[i] = START + step * STEP;
    batch.values[i] = (START + step * STEP) / STEP;
  }
  batch.count = SERIES;
  app.append(batch);
  await app.commit();
}

async function contents(queryable: Queryable): Promise<string[]> {
  const querier = queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=~", "__name__", ".+")], EVERYTHING);
  const into = new SampleColumns();
  const lines = set.labels.map((labels, index) => {
    set.read(index, -Infinity, Infinity, into);
    return `${String(labels)} ${into.timestamps.subarray(0, into.count).join()}`;
  });
  querier.close();
  return lines;
}

test("an attached storage answers as its owner's: head, blocks, merged blocks, deleted samples, removed blocks", async () => {
  const db = await open();
  const share = db.share();
  const attached = attachStorage(share.handles);
  expect(await contents(attached.queryable)).toEqual([]);
  for (let step = 0; step < 400; step++) await append(db, step);
  expect(await contents(attached.queryable)).toEqual(await contents(db.queryable));
  await db.compactNow();
  expect(db.blocks().some(({ compaction }) => compaction.level > 1)).toBe(true);
  expect(await contents(attached.queryable)).toEqual(await contents(db.queryable));
  await db.deleteSeries([new Matcher("=", "i", "3")], START + 10 * STEP, START + 200 * STEP);
  const withHoles = await contents(db.queryable);
  expect(await contents(attached.queryable)).toEqual(withHoles);
  await db.cleanTombstones();
  expect(await contents(attached.queryable)).toEqual(withHoles);
  db.applyRetention({ timeMs: BLOCK * 3, sizeBytes: 0 });
  await db.maintain();
  expect(await contents(attached.queryable)).toEqual(await contents(db.queryable));
  attached.close();
  share.release();
  await db.close();
});

test("answers of an attached storage say which block could not be read", async () => {
  const db = await open();
  const share = db.share();
  const attached = attachStorage(share.handles);
  await append(db, 0);
  mkdirSync(join(folders.at(-1)!, "01H00000000000000000000000"));
  await db.maintain();
  const querier = attached.queryable.querier(-Infinity, Infinity);
  const { warnings } = await querier.select([new Matcher("=", "__name__", "steady")], EVERYTHING);
  querier.close();
  expect(warnings).toEqual([expect.stringMatching(/^block 01H0+ cannot be read, its samples are missing: /)]);
  attached.close();
  share.release();
  await db.close();
});

test("a block that a thread cannot open is a warning of its answers, until it can", async () => {
  const db = await open();
  for (let step = 0; step < 200; step++) await append(db, step);
  await db.compactNow();
  const whole = await contents(db.queryable);
  const index = join(folders.at(-1)!, db.blocks()[0]!.ulid, "index");
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
  expect(await contents(attached.queryable)).toHaveLength(SERIES);
  renameSync(`${index}.away`, index);
  expect(await contents(attached.queryable)).toEqual(whole);
  expect(await warnings()).toEqual([]);
  attached.close();
  share.release();
  await db.close();
});

test("a thread that reads while the head is cut, blocks are merged and series deleted sees gapless series", async () => {
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
