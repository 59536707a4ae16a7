import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { COLD_FOLDER } from "../block-set/block-folders.ts";
import { makeChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { openBlock } from "../block/open-block.ts";
import { runJob } from "../compact/compaction-job.ts";
import { newBlockName, rewrittenDraft } from "../compact/draft.ts";
import { diskFiles } from "../files.ts";
import { lockFolder } from "../startup/folder-lock.ts";
import { type BlockOnDisk, listBlocks } from "./list-blocks.ts";

export interface RewriteOptions {
  /** Into columns of ours, or into Prometheus' chunks. */
  readonly columnar: boolean;
  /** Only blocks that end so much before the newest, ms. */
  readonly minAgeMs: number;
  /** A block was written, undefined where it would be empty, and is about to replace the other. */
  readonly onBlock: (before: BlockOnDisk, after: BlockMeta | undefined) => void;
}

/**
 * Rewrites the blocks of a data folder that no server uses: one by one, each of which is replaced once its successor is
 * on the disk. Throws FolderLockedError, BlockError and the system's errors.
 */
export async function rewriteBlocks(dir: string, { columnar, minAgeMs, onBlock }: RewriteOptions): Promise<void> {
  const lock = await lockFolder(dir);
  try {
    const { blocks } = listBlocks(dir);
    const newest = Math.max(...blocks.map(({ meta }) => meta.maxTime));
    // An earlier rewriting may have ended between a block and the removal of that which it replaces.
    const replaced = new Set(blocks.flatMap(({ meta }) => (meta.compaction.parents ?? []).map(({ ulid }) => ulid)));
    for (const block of blocks) {
      if (replaced.has(block.meta.ulid)) await remove(block);
      else if (block.isColumnar !== columnar && newest - block.meta.maxTime >= minAgeMs) {
        onBlock(block, rewrite(dir, block, columnar));
        await remove(block);
      }
    }
  } finally {
    lock.release();
  }
}

function rewrite(dir: string, { dir: path, meta }: BlockOnDisk, columnar: boolean): BlockMeta | undefined {
  const target = columnar ? join(dir, COLD_FOLDER) : dir;
  diskFiles.makeFolder(target);
  diskFiles.syncFolderNow(dir);
  const draft = rewrittenDraft(newBlockName(systemClock.now()), meta);
  return runJob({ kind: "blocks", dir: target, draft, blocks: [path], columnar }, diskFiles, makeChunkSizes());
}

const remove = ({ dir }: BlockOnDisk): Promise<void> => openBlock(dir, { files: diskFiles }).remove();
