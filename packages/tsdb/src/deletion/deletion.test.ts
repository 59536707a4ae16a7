import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openTsdb } from "../open-tsdb.ts";
import { appendRows, timesBetween, timesOf } from "../testing/sample-rows.ts";
import type { Tsdb } from "../tsdb.ts";
import type { Files } from "../files.ts";
import { contentsOf } from "../testing/contents.ts";
import { NO_FAULTS, SimulatedDisk } from "../testing/index.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const EVERYTHING = [new Matcher("=~", "__name__", ".+")];

const open = (files: Files, outOfOrderTimeWindowMs = 0): Promise<Tsdb> =>
  openTsdb("/data", {
    clock: new ManualClock(),
    logger: memoryLogger(),
    files,
    lockFile: false,
    walCompression: "none",
    retentionMs: 0,
    outOfOrderTimeWindowMs,
  });

const append = (db: Tsdb, name: string, times: readonly number[]): Promise<void> =>
  appendRows(
    db,
    times.map((time) => [name, time, time]),
  );

const every = (step: number, from: number, to: number): number[] => timesBetween(from, to, step);

test("a range whose samples were all deleted before it became a block stays empty after a start", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount());
  await append(db, "a", every(MINUTE_MS, 0, 2 * HOUR_MS));
  await db.deleteSeries(EVERYTHING, 0, 2 * HOUR_MS);
  const later = every(MINUTE_MS, 2 * HOUR_MS, 4 * HOUR_MS);
  await append(db, "a", later);
  await db.maintain();
  expect(db.blocks()).toEqual([]);
  await db.close();
  const again = await open(disk.mount());
  expect(await timesOf(again, "a")).toEqual(later);
  await again.close();
});

test("if all samples of the only block are deleted, cleaning removes the block, and a start restores nothing from the log", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount());
  await append(db, "a", every(MINUTE_MS, 0, 4 * HOUR_MS));
  await db.maintain();
  expect(db.blocks()).toHaveLength(1);
  await db.deleteSeries(EVERYTHING, 0, 10 * HOUR_MS);
  await db.cleanTombstones();
  expect(db.blocks()).toEqual([]);
  await db.close();
  const again = await open(disk.mount());
  expect(await timesOf(again, "a")).toEqual([]);
  await again.close();
});

test("a deletion also covers out-of-order samples in the head, in the log and in blocks", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount(), 10 * HOUR_MS);
  await append(db, "a", [5 * HOUR_MS]);
  await append(db, "a", every(MINUTE_MS, HOUR_MS, 3 * HOUR_MS));
  await db.deleteSeries(EVERYTHING, 0, 2 * HOUR_MS - 1);
  const left = [...every(MINUTE_MS, 2 * HOUR_MS, 3 * HOUR_MS), 5 * HOUR_MS];
  expect(await timesOf(db, "a")).toEqual(left);
  disk.kill();
  const again = await open(disk.mount(), 10 * HOUR_MS);
  expect(await timesOf(again, "a")).toEqual(left);
  await append(again, "a", [9 * HOUR_MS]);
  await again.maintain();
  expect(again.blocks().length).toBeGreaterThan(0);
  expect(await timesOf(again, "a")).toEqual([...left, 9 * HOUR_MS]);
  await again.close();
});

test("after a start, an out-of-order sample of a new series within the time of a block can be read", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount(), 10 * HOUR_MS);
  await append(db, "a", every(MINUTE_MS, 0, 4 * HOUR_MS));
  await db.maintain();
  await append(db, "late", [HOUR_MS]);
  disk.kill();
  const again = await open(disk.mount(), 10 * HOUR_MS);
  expect(await timesOf(again, "late")).toEqual([HOUR_MS]);
  await again.close();
});

test("after a start, a deleted out-of-order sample of a new series, earlier than all blocks, stays deleted", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount(), 10 * HOUR_MS);
  await append(db, "a", every(MINUTE_MS, 0, HOUR_MS));
  await append(db, "a", [6 * HOUR_MS]);
  await append(db, "late", [4.5 * HOUR_MS]);
  await db.maintain();
  expect(db.blocks().some(({ compaction }) => compaction.hints?.includes("from-out-of-order"))).toBe(true);
  await db.deleteSeries([new Matcher("=", "__name__", "late")], 0, 10 * HOUR_MS);
  expect(await timesOf(db, "late")).toEqual([]);
  disk.kill();
  const again = await open(disk.mount(), 10 * HOUR_MS);
  expect(await timesOf(again, "late")).toEqual([]);
  expect(await timesOf(again, "a")).toEqual([...every(MINUTE_MS, 0, HOUR_MS), 6 * HOUR_MS]);
  await again.close();
});

test("out-of-order samples of a block are deleted only if the log that contains them can be removed; they never return", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount(), 10 * HOUR_MS);
  await append(db, "a", [5 * HOUR_MS]);
  await append(db, "a", every(MINUTE_MS, HOUR_MS, 3 * HOUR_MS));
  await append(db, "a", [9 * HOUR_MS]);
  disk.faults.rates = { ...NO_FAULTS, remove: 1 };
  await expect(db.maintain()).rejects.toThrow("unlink '/data/wbl/");
  await expect(db.deleteSeries(EVERYTHING, 0, 3 * HOUR_MS)).rejects.toThrow("unlink '/data/wbl/");
  disk.faults.heal();
  await db.deleteSeries(EVERYTHING, 0, 3 * HOUR_MS);
  expect(await timesOf(db, "a")).toEqual([5 * HOUR_MS, 9 * HOUR_MS]);
  disk.kill();
  const again = await open(disk.mount(), 10 * HOUR_MS);
  expect(await timesOf(again, "a")).toEqual([5 * HOUR_MS, 9 * HOUR_MS]);
  await again.close();
});

test("a deletion also covers a block that a failed compaction has written but not opened", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount());
  await append(db, "a", every(MINUTE_MS, 0, HOUR_MS));
  await db.snapshot("/copy", true);
  const files = disk.readerFiles();
  const [ulid] = files.list("/copy");
  files.rename(`/copy/${ulid}`, `/data/${ulid}`);
  await db.deleteSeries(EVERYTHING, 0, HOUR_MS / 2);
  await db.maintain();
  expect(await timesOf(db, "a")).toEqual(every(MINUTE_MS, HOUR_MS / 2 + MINUTE_MS, HOUR_MS));
  await db.close();
});

test("a snapshot that includes the head contains the out-of-order samples", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount(), 10 * HOUR_MS);
  await append(db, "a", [5 * HOUR_MS]);
  await append(db, "a", every(MINUTE_MS, HOUR_MS, 3 * HOUR_MS));
  await db.snapshot("/copy", true);
  const copy = await openTsdb("/copy", {
    clock: new ManualClock(),
    logger: memoryLogger(),
    files: disk.readerFiles(),
    lockFile: false,
    retentionMs: 0,
  });
  expect(await timesOf(copy, "a")).toEqual(await timesOf(db, "a"));
  await copy.close();
  await db.close();
});

test("the warnings of a query name the block that cannot be read", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  const db = await open(disk.mount());
  await append(db, "a", every(MINUTE_MS, 0, 4 * HOUR_MS));
  await db.maintain();
  const { ulid } = db.blocks()[0]!;
  await db.close();
  const files = disk.mount();
  const refuses: Files = {
    ...bound(files),
    open(path, mode) {
      if (path.endsWith("/index")) throw Object.assign(new Error("EIO: i/o error"), { code: "EIO" });
      return files.open(path, mode);
    },
  };
  const again = await open(refuses);
  const warnings: string[] = [];
  await contentsOf(again.queryable, { warn: (warning) => warnings.push(warning) });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`block ${ulid} cannot be read, its samples are missing`);
  const querier = again.queryable.querier(0, HOUR_MS);
  await querier.labelValues("__name__", []);
  expect(querier.warnings).toEqual(warnings);
  querier.close();
  await again.close();
});

/** Copies the methods of an object to own properties, so that they can be spread. */
function bound(files: Files): Files {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(files)) as (keyof Files)[];
  return Object.fromEntries(names.map((name) => [name, files[name].bind(files)])) as unknown as Files;
}
