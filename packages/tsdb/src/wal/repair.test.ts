import { seededRandom } from "@narthex/runtime";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { SimulatedDisk } from "../testing/index.ts";
import { PAGES_AT_START, readSegment } from "./read-segment.ts";
import { repairSegment } from "./repair.ts";
import { listSegments } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const RECORD_BYTES = 1000;
const RECORDS = 5;

/** Writes a log of one segment whose second record is damaged. */
async function writeDamagedLog(files: Files): Promise<void> {
  files.makeFolder("/data/wal");
  const writer = new WalWriter("/data/wal", { files, compression: "none" });
  for (let i = 0; i < RECORDS; i++) writer.log(new Uint8Array(RECORD_BYTES).fill(i + 1));
  writer.flush();
  await writer.close();
  const [segment] = listSegments("/data/wal", files);
  const file = files.open(segment!.path, "r+");
  files.writeAt(file, Uint8Array.of(99), RECORD_BYTES + 100);
  files.syncNow(file);
  files.close(file);
  for (const folder of ["/data/wal", "/data", "/"]) files.syncFolderNow(folder);
}

const bytesOf = (files: Files, path: string): Buffer | undefined => {
  try {
    return Buffer.from(files.readWhole(path));
  } catch {
    return undefined;
  }
};

test("both originals of a segment that is damaged twice are kept, and a repeated start makes no second copy", async () => {
  const files = new SimulatedDisk(seededRandom(1)).mount();
  await writeDamagedLog(files);
  const [segment] = listSegments("/data/wal", files);
  const repair = async (): Promise<string> => {
    const reading = await readSegment(segment!.path, () => undefined, PAGES_AT_START, files);
    return ((await repairSegment(segment!, reading, "/data/damaged", files)) as { readonly original: string }).original;
  };
  const first = bytesOf(files, segment!.path)!;
  expect(bytesOf(files, await repair())).toEqual(first);
  files.copy("/data/damaged/wal-00000000", segment!.path);
  expect(bytesOf(files, await repair())).toEqual(first);
  expect(files.list("/data/damaged")).toEqual(["wal-00000000"]);
  const file = files.open(segment!.path, "r+");
  files.writeAt(file, Uint8Array.of(99), 100);
  files.close(file);
  const second = bytesOf(files, segment!.path)!;
  expect(bytesOf(files, await repair())).toEqual(second);
  expect(files.list("/data/damaged")).toEqual(["wal-00000000", "wal-00000000.2"]);
  expect(bytesOf(files, "/data/damaged/wal-00000000")).toEqual(first);
});

test("a repair that a full disk refuses leaves no part of the repaired segment, and a later one succeeds", async () => {
  const disk = new SimulatedDisk(seededRandom(1));
  const files = disk.mount();
  await writeDamagedLog(files);
  const [segment] = listSegments("/data/wal", files);
  const reading = await readSegment(segment!.path, () => undefined, PAGES_AT_START, files);
  // Leaves room on the disk for the copy of the damaged segment, but not for the repaired segment.
  disk.faults.room = segment!.size + 20;
  await expect(repairSegment(segment!, reading, "/data/damaged", files)).rejects.toThrow("ENOSPC");
  expect([files.list("/data/wal"), files.list("/data/damaged")]).toEqual([["00000000"], ["wal-00000000"]]);
  disk.faults.heal();
  expect(await repairSegment(segment!, reading, "/data/damaged", files)).toMatchObject({
    kind: "rewritten",
    damages: 1,
  });
});

test("after a power cut the complete original of a repaired segment is in its folder or in the folder for damaged files", async () => {
  let repaired = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const disk = new SimulatedDisk(seededRandom(seed));
    const files = disk.mount();
    await writeDamagedLog(files);
    const [segment] = listSegments("/data/wal", files);
    const original = bytesOf(files, segment!.path)!;
    const reading = await readSegment(segment!.path, () => undefined, PAGES_AT_START, files);
    const repair = await repairSegment(segment!, reading, "/data/damaged", files);
    expect(repair).toMatchObject({ kind: "rewritten", damages: 1, differs: false });
    disk.powerCut();
    const after = disk.mount();
    const aside = bytesOf(after, (repair as { readonly original: string }).original);
    const inPlace = bytesOf(after, segment!.path);
    expect([aside, inPlace].some((bytes) => bytes?.equals(original) === true)).toBe(true);
    if (inPlace?.equals(original) !== true) repaired++;
  }
  expect(repaired).toBeGreaterThan(0);
});
