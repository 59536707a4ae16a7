import { readdirSync } from "node:fs";
import { getHeapSpaceStatistics, queryObjects } from "node:v8";
import { exposeGc } from "@narthex/runtime";
import type { Tsdb } from "../tsdb.ts";
import { folderBytes } from "../inspect/folder-size.ts";
import { diskFiles } from "../files.ts";
import { removalsDone } from "./removals.ts";

/** Resources that a process and its database use. Descriptors and threads are 0 if there is no /proc. */
export interface HeldResources {
  /** Number of living JavaScript objects, without primitive values. */
  readonly objects: number;
  /**
   * Size of JavaScript objects after a garbage collection, bytes. Excludes code, because the engine produces more code
   * for hours.
   */
  readonly heapBytes: number;
  /** Size of ArrayBuffers and other memory outside the heap, bytes. */
  readonly externalBytes: number;
  readonly residentBytes: number;
  /** Memory that the head's slabs take, bytes. */
  readonly slabBytes: number;
  /** Size of the blocks in use in the head's slabs, bytes. */
  readonly slabUsedBytes: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Number of files and folders in the data folder. */
  readonly files: number;
  /** Total size of the files in the data folder. */
  readonly folderBytes: number;
}

/**
 * Function that collects garbage. The function is created only once, because each creation needs a context that is not
 * freed immediately.
 */
let collect: (() => void) | undefined;

/** Collects garbage, lets finalizers run, and counts the resources. */
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
