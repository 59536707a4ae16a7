import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";
import type { FsyncPolicy } from "./durability.ts";
import { contentsOf } from "../testing/contents.ts";
import { appendRows } from "../testing/sample-rows.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import type { Files } from "../files.ts";
import { readSegment } from "./read-segment.ts";
import { listSegments } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const namesIn = async (db: Tsdb): Promise<string[]> =>
  [...(await contentsOf(db.queryable)).keys()].map((labels) => /"(.*)"/.exec(labels)![1]!).toSorted();

/** Opens a database on a simulated disk. A power cut of that disk loses everything that was not synced. */
async function openOn(disk: SimulatedDisk, walFsync?: FsyncPolicy): Promise<{ db: Tsdb; clock: ManualClock }> {
  const clock = new ManualClock();
  const files = disk.mount();
  const db = await openTsdb("/data", { clock, logger: memoryLogger(), files, lockFile: false, walFsync });
  return { db, clock };
}

test.each<[FsyncPolicy, bound: number, kept: string[]]>([
  ["always", 0, ["first", "last"]],
  ["interval", 1, ["first"]],
  ["never", Infinity, []],
])(
  "with wal-fsync %s a kill loses nothing, and a power cut loses at most the last %d s",
  async (walFsync, bound, kept) => {
    for (const crash of ["kill", "powerCut"] as const) {
      const disk = new SimulatedDisk(() => 0);
      disk.mount().makeFolder("/data");
      disk.mount().syncFolderNow("/");
      const { db, clock } = await openOn(disk, walFsync);
      expect(db.collect()["narthex_tsdb_wal_loss_bound_seconds"]).toBe(bound);
      await appendRows(db, [["first", 1000, 0]]);
      await clock.advance(1000);
      await appendRows(db, [["last", 1000, 0]]);
      disk[crash]();
      const again = await openOn(disk);
      expect(await namesIn(again.db)).toEqual(crash === "kill" ? ["first", "last"] : kept);
      await again.db.close();
    }
  },
);

test.each([
  ["runs until a later fsync succeeds", ["failed", "synced"]],
  ["is stopped before a later fsync succeeds", ["synced"]],
])("after a failed fsync of the log, if the process %s, a power cut leaves %j", async (end, kept) => {
  const disk = new SimulatedDisk(() => 0);
  disk.mount().makeFolder("/data");
  disk.mount().syncFolderNow("/");
  const { db, clock } = await openOn(disk, "interval");
  await appendRows(db, [["synced", 1000, 0]]);
  await clock.advance(1000);
  await appendRows(db, [["failed", 1000, 0]]);
  disk.faults.rates = { ...disk.faults.rates, sync: 1 };
  await clock.advance(1000);
  if (end.startsWith("runs")) {
    disk.faults.heal();
    await clock.advance(1000);
  } else {
    await expect(db.close()).rejects.toThrow("EIO");
    disk.faults.heal();
    const next = await openOn(disk, "interval");
    expect(await namesIn(next.db)).toEqual(["failed", "synced"]);
    await next.db.close();
  }
  disk.powerCut();
  const again = await openOn(disk);
  expect(await namesIn(again.db)).toEqual(kept);
  await again.db.close();
});

test("a start does not read the folder of damaged blocks, and leaves it unchanged", async () => {
  const disk = new SimulatedDisk(() => 0);
  const files = disk.mount();
  for (const path of ["/data", "/data/damaged", "/data/damaged/01HF88MCZNCDA3J41P8BF5RV5B"]) files.makeFolder(path);
  const file = files.open("/data/damaged/01HF88MCZNCDA3J41P8BF5RV5B/meta.json", "w");
  files.writeAt(file, Buffer.from("{ half"), 0);
  files.close(file);
  const { db } = await openOn(disk);
  expect(db.damagedBlocks()).toEqual([]);
  expect(db.collect()).toMatchObject({ narthex_tsdb_blocks_damaged: 0 });
  await db.close();
  const left = disk.mount().readWhole("/data/damaged/01HF88MCZNCDA3J41P8BF5RV5B/meta.json");
  expect(Buffer.from(left).toString()).toBe("{ half");
});

test("the segments of earlier processes are synced one after the other, and again after a failed sync", async () => {
  const disk = new SimulatedDisk(() => 0.2);
  let files = disk.mount();
  files.makeFolder("/data");
  files.syncFolderNow("/");
  const SEGMENTS = 50;
  for (let i = 0; i < SEGMENTS; i++) {
    const earlier = new WalWriter("/data/wal", { files });
    earlier.log(Uint8Array.of(1, i));
    earlier.flush();
    disk.kill();
    files = disk.mount();
  }
  const open = new Set<number>();
  let most = 0;
  const own: Partial<Files> = {
    open(path, mode) {
      const file = files.open(path, mode);
      most = Math.max(most, open.add(file).size);
      return file;
    },
    close(file) {
      open.delete(file);
      files.close(file);
    },
  };
  const counted = new Proxy(files, { get: (_, call: keyof Files) => own[call] ?? files[call].bind(files) });
  const writer = new WalWriter("/data/wal", { files: counted });
  disk.faults.rates = { ...disk.faults.rates, sync: 1 };
  await expect(writer.sync()).rejects.toThrow("EIO");
  disk.faults.heal();
  await writer.sync();
  await writer.close();
  expect([most, open.size]).toEqual([3, 0]);
  disk.powerCut();
  const records: number[] = [];
  for (const { path } of listSegments("/data/wal", disk.mount()))
    await readSegment(path, (record) => records.push(record[1]!), 1, disk.mount());
  expect(records).toEqual(Array.from({ length: SEGMENTS }, (_, i) => i));
});
