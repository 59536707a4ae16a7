import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { decodeCheckedNumber } from "../checked-number.ts";
import { diskFiles, type Files } from "../files.ts";
import { refusing } from "../testing/refusing-files.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { systemError } from "../testing/system-error.ts";
import { readSegment } from "./read-segment.ts";
import { listSegments } from "./segment.ts";
import { SyncMark } from "./sync-mark.ts";
import { WalWriter } from "./writer.ts";

const DIR = "/data/wal";

async function recordsOn(files: Files): Promise<number[]> {
  const found: number[] = [];
  for (const { path } of listSegments(DIR, files)) {
    await readSegment(path, (record) => found.push(record[0]!), 1, files);
  }
  return found;
}

const write = (wal: WalWriter, type: number): void => {
  wal.log(Uint8Array.of(type, 1, 2, 3));
  wal.flush();
};

test("segments that a process could not sync are written again by a later process, even if a process between them was killed", async () => {
  const disk = new SimulatedDisk(() => 0.5);
  disk.faults.rates = { ...disk.faults.rates, sync: 1 };
  const first = new WalWriter(DIR, { compression: "none", files: disk.mount() });
  write(first, 1);
  await expect(first.sync()).rejects.toThrow("EIO");
  disk.kill();
  const second = new WalWriter(DIR, { compression: "none", files: disk.mount() });
  expect(second.segment).toBe(1);
  disk.kill();
  disk.faults.heal();
  const third = new WalWriter(DIR, { compression: "none", files: disk.mount() });
  write(third, 3);
  await third.sync();
  disk.powerCut();
  expect(await recordsOn(disk.mount())).toEqual([1, 3]);
});

test("if the number or the checksum of the mark has a flipped bit, all segments are written again", () => {
  const dir = temporaryFolder();
  const path = join(dir, "unsynced");
  new SyncMark(dir, diskFiles).set(2);
  expect(new SyncMark(dir, diskFiles).inherited).toBe(2);
  const intact = readFileSync(path);
  for (let bit = 0; bit < 8 * (intact.length - 1); bit++) {
    const flipped = Buffer.from(intact);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, flipped);
    expect(new SyncMark(dir, diskFiles).inherited, flipped.toString("latin1")).toBe(0);
  }
});

test("without the mark no segment is written again, since no sync can have failed", async () => {
  const dir = temporaryFolder();
  const files = diskFiles;
  let refused = true;
  let syncs = 0;
  const wal = new WalWriter(dir, {
    compression: "none",
    files: {
      ...files,
      open(path, mode) {
        if (refused && path.endsWith("unsynced")) throw systemError("ENOSPC", path);
        return files.open(path, mode);
      },
      sync(file) {
        syncs++;
        return files.sync(file);
      },
    },
  });
  write(wal, 1);
  await expect(wal.sync()).rejects.toThrow("ENOSPC");
  expect(syncs).toBe(0);
  refused = false;
  await wal.sync();
  expect(syncs).toBeGreaterThan(0);
  await wal.close();
});

test("the mark is removed at a clean end, and advances when segments are synced", async () => {
  const dir = temporaryFolder();
  const files = diskFiles;
  const wal = new WalWriter(dir, { compression: "none", files });
  const mark = (): unknown => decodeCheckedNumber(files.readWhole(join(dir, "unsynced")));
  expect(mark()).toBe(0);
  write(wal, 1);
  wal.nextSegment();
  write(wal, 2);
  await wal.sync();
  expect(mark()).toBe(1);
  await wal.close();
  expect(files.list(dir)).not.toContain("unsynced");
  const next = new WalWriter(dir, { compression: "none", files: refusing("sync", () => true, "EIO") });
  expect(mark()).toBe(0);
  await expect(next.close()).rejects.toThrow("EIO");
  expect(mark()).toBe(0);
});
