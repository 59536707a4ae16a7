import { seededRandom } from "@narthex/runtime";
import { expect, test } from "vitest";
import { copyAside, moveAside } from "./aside.ts";
import { SimulatedDisk } from "./testing/index.ts";

const POWER_CUTS = 40;

/** Returns a simulated disk with the synced files `/data/a` and `/data/aside/a`. */
function preparedDisk(seed: number): SimulatedDisk {
  const disk = new SimulatedDisk(seededRandom(seed));
  disk.losesAnyNames = true;
  const files = disk.mount();
  files.makeFolder("/data/aside");
  for (const path of ["/data/a", "/data/aside/a"]) {
    const file = files.open(path, "w");
    files.write(file, new TextEncoder().encode(path));
    files.syncNow(file);
    files.close(file);
  }
  for (const folder of ["/data/aside", "/data", "/"]) files.syncFolderNow(folder);
  return disk;
}

const textOf = (disk: SimulatedDisk, path: string): string | undefined => {
  const bytes = disk.bytesOf(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
};

test("a file that was moved aside is still there after a power cut, and so is the earlier one", () => {
  for (let seed = 1; seed <= POWER_CUTS; seed++) {
    const disk = preparedDisk(seed);
    expect(moveAside("/data/a", "/data/aside", disk.readerFiles())).toBe("/data/aside/a.2");
    disk.powerCut();
    expect(["/data/a", "/data/aside/a", "/data/aside/a.2"].map((path) => textOf(disk, path))).toEqual([
      undefined,
      "/data/aside/a",
      "/data/a",
    ]);
  }
});

test("with `replaces`, the moved file replaces the earlier one", () => {
  const disk = preparedDisk(1);
  expect(moveAside("/data/a", "/data/aside", disk.readerFiles(), { replaces: true })).toBe("/data/aside/a");
  expect(disk.readerFiles().list("/data/aside")).toEqual(["a"]);
});

test("a copy that does not fit on the disk leaves no file", () => {
  const disk = preparedDisk(1);
  const files = disk.readerFiles();
  disk.faults.room = 3;
  expect(() => copyAside("/data/a", "/data/aside", "b", files)).toThrow("ENOSPC");
  expect(files.list("/data/aside")).toEqual(["a"]);
});

test("a copy is on the disk after a power cut", () => {
  for (let seed = 1; seed <= POWER_CUTS; seed++) {
    const disk = preparedDisk(seed);
    expect(copyAside("/data/a", "/data/aside", "b", disk.readerFiles())).toBe("/data/aside/b");
    disk.powerCut();
    expect(textOf(disk, "/data/aside/b")).toBe("/data/a");
  }
});
