import { expect, test } from "vitest";
import type { FaultRates } from "../testing/disk-faults.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { replaceFile, replaceFileLater } from "./replace-file.ts";

test.each<[string, room: number, Partial<FaultRates>]>([
  ["has no room for the content", 5000, {}],
  ["does not sync the content", Infinity, { sync: 1 }],
  ["does not rename the new file", Infinity, { rename: 1 }],
])("if the disk %s, the file stays unchanged and nothing is left next to it", async (_, room, rates) => {
  for (const replace of [replaceFile, replaceFileLater]) {
    const disk = new SimulatedDisk(() => 0.6);
    const files = disk.mount();
    files.makeFolder("/data");
    replaceFile("/data/a", Uint8Array.of(1), files);
    disk.faults.room = room;
    disk.faults.rates = { ...disk.faults.rates, ...rates };
    // oxlint-disable-next-line no-await-in-loop -- one disk after the other
    await expect((async () => replace("/data/a", new Uint8Array(10_000), files))()).rejects.toThrow();
    expect([files.list("/data"), [...files.readWhole("/data/a")]]).toEqual([["a"], [1]]);
  }
});
