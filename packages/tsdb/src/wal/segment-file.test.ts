import { expect, test } from "vitest";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { SegmentFile } from "./segment-file.ts";

const PAGE = 4096;

test("bytes written where synced bytes were cut off survive a failed sync, a sync and a power cut", async () => {
  const disk = new SimulatedDisk(() => 0);
  const files = disk.mount();
  files.makeFolder("/wal");
  files.syncFolderNow("/");
  const segment = SegmentFile.make(files, "/wal/00000000");
  files.syncFolderNow("/wal");
  segment.write(new Uint8Array(3 * PAGE).fill(1));
  await segment.sync();
  segment.cut(PAGE);
  segment.write(new Uint8Array(3 * PAGE).fill(2));
  disk.faults.rates = { ...disk.faults.rates, sync: 1 };
  await expect(segment.sync()).rejects.toThrow("EIO");
  disk.faults.heal();
  await segment.sync();
  disk.powerCut();
  const left = Buffer.from(disk.mount().readWhole("/wal/00000000"));
  expect(left.equals(Buffer.concat([Buffer.alloc(PAGE, 1), Buffer.alloc(3 * PAGE, 2)]))).toBe(true);
});
