import { seededRandom } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { NO_FAULTS, SimulatedDisk } from "../../testing/index.ts";
import { ChunkFiles } from "./chunk-files.ts";
import type { ChunkToWrite } from "./chunk-to-write.ts";
import { HeadChunkDamage } from "./head-chunk-file.ts";

const DIR = "/data/chunks_head";
const POWER_CUTS = 40;

/**
 * Opens the chunk files as a restarted process does. Returns the files and the references of the chunks before the
 * first damaged file.
 */
async function opened(disk: SimulatedDisk): Promise<{ files: ChunkFiles; refs: number[] }> {
  const files = new ChunkFiles(DIR, disk.mount(), memoryLogger());
  const refs: number[] = [];
  const options = { logsHaveAll: true, asideDir: "/data/aside" };
  try {
    await files.load(({ ref }) => void refs.push(ref), options);
  } catch (cause) {
    if (!(cause instanceof HeadChunkDamage)) throw cause;
  }
  return { files, refs };
}

const chunkOf = (ref: number): ChunkToWrite => ({
  ref,
  minTime: ref,
  maxTime: ref,
  encoding: 1,
  outOfOrder: false,
  bytes: new Uint8Array(100).fill(ref),
  start: 0,
  size: 100,
});

async function afterPowerCuts(work: (disk: SimulatedDisk, files: ChunkFiles) => Promise<void>): Promise<number[][]> {
  const found: number[][] = [];
  for (let seed = 1; seed <= POWER_CUTS; seed++) {
    const disk = new SimulatedDisk(seededRandom(seed));
    disk.losesAnyNames = true;
    const operator = disk.mount();
    operator.makeFolder(DIR);
    for (const folder of ["/data", "/"]) operator.syncFolderNow(folder);
    await work(disk, (await opened(disk)).files);
    disk.faults.heal();
    disk.powerCut();
    found.push((await opened(disk)).refs);
  }
  return found;
}

test.each([
  ["finish()", 1, (files: ChunkFiles) => files.finish().catch(() => undefined)],
  // Syncs fail with a probability of only one half, because settle() syncs the folder first, and syncs the file only if
  // the sync of the folder succeeded.
  ["settle()", 0.5, (files: ChunkFiles) => files.settle().catch(() => undefined)],
] as const)(
  "after a failed sync by %s, the file is written again before another sync is trusted",
  async (_, sync, failing) => {
    const found = await afterPowerCuts(async (disk, files) => {
      files.write([chunkOf(1)]);
      files.cut();
      await files.settle();
      files.write([chunkOf(2)]);
      files.cut();
      disk.faults.rates = { ...NO_FAULTS, sync };
      await failing(files);
      disk.faults.heal();
      await files.finish();
    });
    expect(found).toEqual(Array.from({ length: POWER_CUTS }, () => [1, 2]));
  },
);

test("if a sync fails while another caller waits for it, both callers get the error", async () => {
  const found = await afterPowerCuts(async (disk, files) => {
    files.write([chunkOf(1)]);
    files.cut();
    await files.settle();
    files.write([chunkOf(2)]);
    files.cut();
    disk.faults.rates = { ...NO_FAULTS, sync: 0.5 };
    await Promise.allSettled([files.settle(), files.settle(), files.finish()]);
    disk.faults.heal();
    if (files.hasFailed) expect(() => files.write([chunkOf(3)])).toThrow("not on the disk yet");
    await files.finish();
    expect(files.hasFailed).toBe(false);
  });
  expect(found).toEqual(Array.from({ length: POWER_CUTS }, () => [1, 2]));
});

test("after a power cut a file exists only if all earlier files exist", async () => {
  const found = await afterPowerCuts(async (_, files) => {
    for (const ref of [1, 2, 3]) {
      files.write([chunkOf(ref)]);
      files.cut();
    }
  });
  for (const refs of found) expect(refs).toEqual([1, 2, 3].slice(0, refs.length));
  expect(new Set(found.map(({ length }) => length)).size).toBeGreaterThan(1);
});
