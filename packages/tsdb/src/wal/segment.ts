import { join } from "node:path";
import { diskFiles, type Files } from "../files.ts";

export const PAGE_BYTES = 32 * 1024;
/** Size of a fragment's header, bytes: type u8, length u16, CRC-32C u32. */
export const FRAGMENT_HEADER_BYTES = 7;
export const DEFAULT_SEGMENT_BYTES = 128 * 1024 * 1024;

/** Position of a fragment within its record, as stored in the lowest three bits of the fragment's first byte. */
export const FRAGMENT_PAGE_END = 0;
export const FRAGMENT_FULL = 1;
export const FRAGMENT_FIRST = 2;
export const FRAGMENT_MIDDLE = 3;
export const FRAGMENT_LAST = 4;

/** One segment file of a log folder. */
export interface Segment {
  readonly index: number;
  readonly path: string;
  readonly size: number;
}

export const logSegmentName = (index: number): string => String(index).padStart(8, "0");

/** Lists the segments of a folder by index. The list is empty if the folder does not exist. */
export function listSegments(dir: string, files: Files = diskFiles): Segment[] {
  return namesIn(dir, files)
    .filter((name) => /^\d{8,}$/.test(name))
    .flatMap((name) => {
      const path = join(dir, name);
      const size = sizeOf(path, files);
      return size === undefined ? [] : [{ index: Number(name), path, size }];
    })
    .sort((a, b) => a.index - b.index);
}

/** Returns the size of a file; undefined if another thread has removed it since the folder was listed. */
function sizeOf(path: string, files: Files): number | undefined {
  try {
    return files.stat(path).size;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}

/** A checkpoint of the log. It contains all records of the segments up to `index` that were still needed. */
export interface Checkpoint {
  readonly index: number;
  readonly path: string;
}

/** Lists the checkpoints of a log folder, oldest first. */
export function listCheckpoints(dir: string, files: Files = diskFiles): Checkpoint[] {
  return namesIn(dir, files)
    .filter((name) => /^checkpoint\.\d+$/.test(name))
    .map((name) => ({ index: Number(name.slice("checkpoint.".length)), path: join(dir, name) }))
    .sort((a, b) => a.index - b.index);
}

export interface LogParts {
  readonly checkpoint: Checkpoint | undefined;
  /** Segments of the checkpoint, oldest first. The checkpoint numbers its segments independently of the log. */
  readonly older: readonly Segment[];
  /** Segments after the checkpoint, oldest first. */
  readonly later: readonly Segment[];
}

/** Lists the newest checkpoint of a log folder and the segments after it. */
export function listLog(dir: string, files: Files = diskFiles): LogParts {
  const checkpoint = listCheckpoints(dir, files).at(-1);
  const after = checkpoint?.index ?? -1;
  return {
    checkpoint,
    older: checkpoint === undefined ? [] : listSegments(checkpoint.path, files),
    later: listSegments(dir, files).filter(({ index }) => index > after),
  };
}

function namesIn(dir: string, files: Files): string[] {
  try {
    return files.list(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}
