import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import type { Tsdb } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A boundary of blocks of two hours. */
const START = 2 * HOUR * 100_000;

let dir: string;
/** Which changes of the disk are refused at the moment. */
let isRefused: (path: string) => boolean;
/** Files that were created, in order. */
let created: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "narthex-follow-up-"));
  isRefused = () => false;
  created = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function mayCreate(path: string): void {
  if (isRefused(path)) throw Object.assign(new Error(`ENOSPC: no space left on device, ${path}`), { code: "ENOSPC" });
  created.push(path);
}

const files: Files = {
  ...diskFiles,
  open(path, mode) {
    if (mode !== "r") mayCreate(path);
    return diskFiles.open(path, mode);
  },
  makeFolder(path) {
    mayCreate(path);
    diskFiles.makeFolder(path);
  },
};

const open = (folder = dir): Promise<Tsdb> =>
  openTsdb(folder, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    files,
    lockFile: false,
    walCompression: "none",
    walSegmentBytes: 32 * 1024,
    outOfOrderTimeWindowMs: 100 * HOUR,
    retentionMs: 0,
  });

async function append(db: Tsdb, name: string, times: readonly number[]): Promise<void> {
  const app = db.appendable.appender();
  const batch = createSampleBatch(times.length);
  batch.refs.fill(app.series(Labels.of({ __name__: name })));
  batch.timestamps.set(times);
  batch.values.set(times.map((time) => time / MINUTE));
  batch.count = times.length;
  app.append(batch);
  expect([...batch.outcomes].every((outcome) => outcome === OUTCOME_OK)).toBe(true);
  await app.commit();
}

/** A time every two seconds: an hour of samples fills a segment of the log. */
const everyTwoSeconds = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 2000 }, (_, i) => from + i * 2000);

const late = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i * 7001);

async function timesOf(db: Tsdb, name: string): Promise<number[]> {
  const contents = await contentsOf(db.queryable);
  return [...(contents.get(`{__name__="${name}"}`) ?? new Map<number, string>()).keys()];
}

const lateBlocks = (db: Tsdb): number =>
  db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order")).length;

const checkpoints = (): string[] => readdirSync(join(dir, "wal")).filter((name) => name.startsWith("checkpoint."));

/** Blocks of late samples are refused: what is written once the log of late samples has a new segment. */
function refuseLateBlocks(): void {
  const from = created.length;
  const isSealed = (): boolean => created.slice(from).some((path) => path.includes("/wbl/"));
  isRefused = (path) => path.includes(".tmp-for-creation") && isSealed();
}

test("late samples under an earlier reference of their series are there after a kill between checkpoint and block", async () => {
  const first = await open();
  await append(first, "m", [START]);
  await append(first, "other", everyTwoSeconds(START, START + 5 * HOUR));
  await first.maintain();
  // The head has dropped the series: this is another reference.
  await append(first, "m", [START + 5 * HOUR]);
  const times = late(START + 4 * HOUR, 40);
  await append(first, "m", times);
  await first.close();
  const second = await open();
  refuseLateBlocks();
  // After a long pause, several segments at once: all of the log before can go.
  await append(
    second,
    "other",
    Array.from({ length: 30_000 }, (_, i) => START + 40 * HOUR + i),
  );
  await expect(second.maintain()).rejects.toThrow("ENOSPC");
  isRefused = () => false;
  const copy = mkdtempSync(join(tmpdir(), "narthex-follow-up-"));
  try {
    cpSync(dir, copy, { recursive: true });
    const third = await open(copy);
    expect(await timesOf(third, "m")).toEqual([START, ...times, START + 5 * HOUR]);
    await third.close();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  await second.close();
});

test("a block of late samples that the disk refuses is written at the next look, without another cut of the head", async () => {
  const db = await open();
  const inOrder = everyTwoSeconds(START, START + 4 * HOUR);
  await append(db, "m", [...inOrder, ...late(START + HOUR + 1, 40), ...late(START + 3 * HOUR + 1, 40)]);
  const all = [...(await timesOf(db, "m"))];
  refuseLateBlocks();
  await expect(db.maintain()).rejects.toThrow("ENOSPC");
  expect(lateBlocks(db)).toBe(0);
  isRefused = () => false;
  await db.maintain();
  expect(readdirSync(join(dir, "wbl")).filter((name) => /^\d+$/.test(name))).toHaveLength(1);
  // The block of the first range was merged with the head's block; the second range is still in the head.
  expect(lateBlocks(db)).toBe(1);
  expect(await timesOf(db, "m")).toEqual(all);
  await db.close();
});

test("a block of late samples that is refused again and again leaves no blocks behind and does not stop other work", async () => {
  const db = await open();
  const inOrder = everyTwoSeconds(START, START + 8 * HOUR);
  await append(db, "m", [...inOrder, ...late(START + HOUR + 1, 40), ...late(START + 5 * HOUR + 1, 40)]);
  const all = await timesOf(db, "m");
  // The first block is taken, the second one is not.
  const from = created.length;
  const drafts = (): number => created.slice(from).filter((path) => path.endsWith(".tmp-for-creation/chunks")).length;
  let taken = Infinity;
  isRefused = (path) => {
    if (taken === Infinity && path.includes("/wbl/")) taken = drafts() + 1;
    return path.endsWith(".tmp-for-creation") && drafts() >= taken;
  };
  await expect(db.maintain()).rejects.toThrow("ENOSPC");
  const blocks = db.blocks().length;
  expect(checkpoints()).toHaveLength(1);
  for (let tries = 0; tries < 5; tries++) await expect(db.maintain()).rejects.toThrow("ENOSPC");
  expect(db.blocks().length).toBe(blocks);
  expect(readdirSync(join(dir, "wbl")).filter((name) => /^\d+$/.test(name))).toHaveLength(2);
  isRefused = () => false;
  await db.maintain();
  expect(await timesOf(db, "m")).toEqual(all);
  await db.close();
  const again = await open();
  expect(await timesOf(again, "m")).toEqual(all);
  await again.close();
});

test("a checkpoint that the disk refuses is written at a later look, without another cut of the head", async () => {
  const db = await open();
  await append(db, "m", everyTwoSeconds(START, START + 40 * HOUR));
  isRefused = (path) => path.includes("checkpoint.");
  await expect(db.maintain()).rejects.toThrow("ENOSPC");
  expect(checkpoints()).toEqual([]);
  const { length } = db.blocks();
  isRefused = () => false;
  await db.maintain();
  expect(checkpoints()).toHaveLength(1);
  expect(db.blocks().length).toBe(length);
  await db.close();
});
