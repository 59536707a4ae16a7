import { join } from "node:path";
import { BlockError } from "../block/block-error.ts";
import { COLUMNS_FOLDER } from "../block/column-segments.ts";
import { type BlockMeta, readMeta } from "../block/meta.ts";
import { blockPaths } from "../block-set/block-folders.ts";
import { diskFiles, exists, type Files } from "../files.ts";
import { folderBytes } from "./folder-size.ts";

/** A block of a data folder, described without opening it. */
export interface BlockOnDisk {
  readonly dir: string;
  readonly meta: BlockMeta;
  /** Total size of the block's files, bytes. */
  readonly sizeBytes: number;
  /** Whether the samples are stored in our columnar format instead of Prometheus' chunks. */
  readonly isColumnar: boolean;
}

export interface BlockListing {
  /** The blocks in order of time. */
  readonly blocks: readonly BlockOnDisk[];
  /** Messages about blocks that cannot be read. Blocks that another block replaces are not mentioned. */
  readonly problems: readonly string[];
}

/**
 * Lists the blocks of a data folder by their meta.json files. Throws the system's error if the folder cannot be read.
 */
export function listBlocks(dir: string, files: Files = diskFiles): BlockListing {
  const blocks: BlockOnDisk[] = [];
  const damaged = new Map<string, string>();
  for (const [name, path] of blockPaths(dir, files)) {
    if (!files.stat(path).isFolder) continue;
    try {
      const isColumnar = exists(files, join(path, COLUMNS_FOLDER));
      blocks.push({ dir: path, meta: readMeta(path, files), sizeBytes: folderBytes(path, files), isColumnar });
    } catch (cause) {
      if (!(cause instanceof BlockError)) throw cause;
      damaged.set(name, cause.message);
    }
  }
  for (const { meta } of blocks) for (const { ulid } of meta.compaction.parents ?? []) damaged.delete(ulid);
  blocks.sort((a, b) => a.meta.minTime - b.meta.minTime);
  return { blocks, problems: [...damaged.values()] };
}
