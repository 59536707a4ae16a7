import { dirname, join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { coldFolder } from "../block-set/block-folders.ts";
import { endOf } from "../block-set/block-hints.ts";
import { BlockError } from "../block/block-error.ts";
import { makeChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { checkBlock, DELETION_SUFFIX } from "../block/open-block.ts";
import { runJob } from "../compact/compaction-job.ts";
import { newBlockName, rewrittenDraft } from "../compact/draft.ts";
import { diskFiles, type Files } from "../files.ts";
import { lockFolder } from "../startup/folder-lock.ts";
import { type BlockOnDisk, listBlocks } from "./list-blocks.ts";

interface RewriteOptions {
  /** Whether blocks are written in our columnar format instead of Prometheus' chunks. */
  readonly columnar: boolean;
  /**
   * Age in ms from which a block is rewritten. The age is the time from the end of the block to the end of the newest
   * block.
   */
  readonly minAgeMs: number;
  /**
   * Callback after a new block was written and read back, and before it replaces the old block. `after` is undefined if
   * the new block would be empty.
   */
  readonly onBlock: (before: BlockOnDisk, after: BlockMeta | undefined) => void;
}

/**
 * Rewrites the blocks of a data folder, one by one. No server may use the folder at the same time. Each old block is
 * removed after its new version can be read. Returns messages about unreadable blocks; these blocks, and the blocks
 * from which they were merged, stay unchanged. Throws FolderLockedError, BlockError and the system's errors.
 */
export async function rewriteBlocks(
  dir: string,
  { columnar, minAgeMs, onBlock }: RewriteOptions,
  files: Files = diskFiles,
): Promise<readonly string[]> {
  const lock = await lockFolder(dir);
  try {
    const { blocks, problems } = listBlocks(dir, files);
    const unreadable = new Map(
      blocks.flatMap(({ dir: path, meta }) => reasonOf(path, files).map((why) => [meta.ulid, why])),
    );
    const newest = endOf(blocks);
    // Removes blocks that an earlier rewrite has already replaced. That rewrite may have ended between writing the new
    // block and removing the old one.
    const readable = blocks.filter(({ meta }) => !unreadable.has(meta.ulid));
    const replaced = parentsOf(readable);
    const kept = parentsOf(blocks.filter(({ meta }) => unreadable.has(meta.ulid)));
    for (const { dir: path, meta } of blocks) {
      if (!replaced.has(meta.ulid)) continue;
      remove(path, files);
      unreadable.delete(meta.ulid);
    }
    for (const block of readable) {
      const { isColumnar, meta } = block;
      if (replaced.has(meta.ulid) || kept.has(meta.ulid)) continue;
      if (isColumnar === columnar || newest - meta.maxTime < minAgeMs) continue;
      onBlock(block, rewrite(dir, block, columnar, files));
      remove(block.dir, files);
    }
    return [...problems, ...unreadable.values()];
  } finally {
    lock.release();
  }
}

/** Writes the new version of a block. If it cannot be read back, removes it and throws BlockError. */
function rewrite(
  dir: string,
  { dir: path, meta }: BlockOnDisk,
  columnar: boolean,
  files: Files,
): BlockMeta | undefined {
  const target = columnar ? coldFolder(dir, files) : dir;
  const draft = rewrittenDraft(newBlockName(systemClock.now()), meta);
  const made = runJob({ kind: "blocks", dir: target, draft, blocks: [path], columnar }, files, makeChunkSizes());
  if (made === undefined) return undefined;
  const written = join(target, made.ulid);
  const [reason] = reasonOf(written, files);
  if (reason === undefined) return made;
  remove(written, files);
  throw new BlockError(written, 0, `the block was written but cannot be read: ${reason}`);
}

const parentsOf = (blocks: readonly BlockOnDisk[]): ReadonlySet<string> =>
  new Set(blocks.flatMap(({ meta }) => (meta.compaction.parents ?? []).map(({ ulid }) => ulid)));

/** Returns the reason why a block cannot be read, or an empty list if it can be read. */
function reasonOf(path: string, files: Files): string[] {
  try {
    checkBlock(path, files);
    return [];
  } catch (cause) {
    if (!(cause instanceof BlockError)) throw cause;
    return [cause.message];
  }
}

/**
 * Removes a block's folder. Renames the folder first, so that the next start can remove the remaining files if the
 * process is killed.
 */
function remove(path: string, files: Files): void {
  const doomed = path + DELETION_SUFFIX;
  files.remove(doomed);
  files.rename(path, doomed);
  files.syncFolderNow(dirname(path));
  files.remove(doomed);
}
