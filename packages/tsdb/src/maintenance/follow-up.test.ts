import { readdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { appendRows, timesBetween, timesOf } from "../testing/sample-rows.ts";
import { systemError } from "../testing/system-error.ts";
import { copyOf, openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Time of the first sample, ms. A two-hour block begins at this time. */
const START = 2 * HOUR * 100_000;

let dir: string;
/** Returns whether the simulated disk refuses changes of a path. Tests replace this function. */
let isRefused: (path: string) => boolean;
/** Paths of created files, in order. */
let created: string[];

beforeEach(() => {
  dir = temporaryFolder();
  isRefused = () => false;
  created = [];
});

function mayCreate(path: string): void {
  if (isRefused(path)) throw systemError("ENOSPC", path);
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
  openTestTsdb(folder, {
    files,
    walCompression: "none",
    walSegmentBytes: 32 * 1024,
    outOfOrderTimeWindowMs: 100 * HOUR,
    retentionMs: 0,
  });

const append = (db: Tsdb, name: string, times: readonly number[]): Promise<void> =>
  appendRows(
    db,
    times.map((time) => [name, time, time / MINUTE]),
  );

/** Returns times at steps of two seconds. An hour of such samples fills a segment of the log. */
const everyTwoSeconds = (from: number, to: number): number[] => timesBetween(from, to, 2000);

const late = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i * 7001);

const lateBlocks = (db: Tsdb): number =>
  db.blocks().filter(({ compaction }) => compaction.hints?.includes("from-out-of-order")).length;

const checkpoints = (): string[] => readdirSync(join(dir, "wal")).filter((name) => name.startsWith("checkpoint."));

/**
 * Makes the disk refuse to create blocks of out-of-order samples. At that point, the log of out-of-order samples has
 * already begun a new segment.
 */
function refuseLateBlocks(): void {
  const from = created.length;
  const isSealed = (): boolean => created.slice(from).some((path) => path.includes("/wbl/"));
  isRefused = (path) => path.includes(".tmp-for-creation") && isSealed();
}

test("out-of-order samples with an earlier reference of their series survive a kill between checkpoint and block", async () => {
  const first = await open();
  await append(first, "m", [START]);
  await append(first, "other", everyTwoSeconds(START, START + 5 * HOUR));
  await first.maintain();
  // Appends a sample of series "m", which gets a new reference. The maintenance has removed the series from the head,
  // because its only sample is now in a block.
  await append(first, "m", [START + 5 * HOUR]);
  const times = late(START + 4 * HOUR, 40);
  await append(first, "m", times);
  await first.close();
  const second = await open();
  refuseLateBlocks();
  // Appends samples that are 35 hours later, so that one maintenance writes all earlier samples to blocks and can
  // remove the whole earlier log.
  await append(
    second,
    "other",
    Array.from({ length: 30_000 }, (_, i) => START + 40 * HOUR + i),
  );
  await expect(second.maintain()).rejects.toThrow("ENOSPC");
  isRefused = () => false;
  const third = await open(copyOf(dir));
  expect(await timesOf(third, "m")).toEqual([START, ...times, START + 5 * HOUR]);
});

test("a block of out-of-order samples that the disk refuses is written at the next maintenance, without another cut of the head", async () => {
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
  // Expects one block of out-of-order samples: the first one was merged with a block of the head, and the samples of
  // the second one are still in the head.
  expect(lateBlocks(db)).toBe(1);
  expect(await timesOf(db, "m")).toEqual(all);
});

test("a block of out-of-order samples that is refused repeatedly leaves no blocks behind and does not stop other work", async () => {
  const db = await open();
  const inOrder = everyTwoSeconds(START, START + 8 * HOUR);
  await append(db, "m", [...inOrder, ...late(START + HOUR + 1, 40), ...late(START + 5 * HOUR + 1, 40)]);
  const all = await timesOf(db, "m");
  // Makes the disk refuse the second block of out-of-order samples of each further attempt.
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
});

test("a checkpoint that the disk refuses is written at a later maintenance, without another cut of the head", async () => {
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
});
