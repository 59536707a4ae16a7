import { readdirSync } from "node:fs";
import { getHeapSpaceStatistics, queryObjects } from "node:v8";
import { exposeGc } from "@narthex/runtime";
import type { Tsdb } from "../tsdb.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import { diskFiles } from "../files.ts";
import { removalsDone } from "./removals.ts";

/** What a process and a database hold at one moment. Descriptors and threads are 0 where there is no /proc. */
export interface HeldResources {
  /** Living JavaScript objects, but for primitive values. */
  readonly objects: number;
  /** JavaScript objects that survive a collection; without code, of which the engine makes more for hours. */
  readonly heapBytes: number;
  /** ArrayBuffers and what else lies outside the heap. */
  readonly externalBytes: number;
  readonly residentBytes: number;
  /** Slabs that the head ever reserved, and blocks within them. */
  readonly slabBytes: number;
  readonly slabUsedBytes: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Files and folders of the data folder, and the bytes of its files. */
  readonly files: number;
  readonly folderBytes: number;
}

/** Made once: a context is not forgotten at once. */
let collect: (() => void) | undefined;

/** Collects garbage, lets finalizers run, and counts. */
export async function heldResources(db: Tsdb, dir: string): Promise<HeldResources> {
  void (collect ??= exposeGc()!)();
  await new Promise((resolve) => setImmediate(resolve));
  await removalsDone(dir);
  const { external, rss } = process.memoryUsage();
  const metrics = db.collect();
  return {
    objects: queryObjects(Object, { format: "count" }),
    heapBytes: objectBytes(),
    externalBytes: external,
    residentBytes: rss,
    slabBytes: metrics["narthex_tsdb_head_slab_bytes"]!,
    slabUsedBytes: metrics["narthex_tsdb_head_slab_used_bytes"]!,
    descriptors: countIn("/proc/self/fd"),
    threads: countIn("/proc/self/task"),
    files: readdirSync(dir, { recursive: true }).length,
    folderBytes: folderBytes(dir, diskFiles),
  };
}

const OBJECT_SPACES = new Set(["old_space", "large_object_space", "new_space", "new_large_object_space"]);

const objectBytes = (): number =>
  getHeapSpaceStatistics()
    .filter(({ space_name: name }) => OBJECT_SPACES.has(name))
    .reduce((sum, space) => sum + space.space_used_size, 0);

function countIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
