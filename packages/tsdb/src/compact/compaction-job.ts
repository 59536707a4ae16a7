import { openBlock } from "../block/open-block.ts";
import type { BlockDraft, BlockMeta } from "../block/meta.ts";
import { writeBlock } from "../block/write-block.ts";
import type { Files } from "../files.ts";
import { attachHead, type HeadHandles } from "../head/attach.ts";
import { ChunkFileReader } from "../head/chunk-file-reader.ts";
import { HeadBlock } from "./head-block.ts";
import { MergedBlocks } from "./merge.ts";
import type { LookedAtHead } from "./ranked-series.ts";

/** One block to write into the folder `dir`; can be posted to a worker. */
export type CompactionJob = {
  readonly dir: string;
  readonly draft: BlockDraft;
} & (
  | {
      readonly kind: "head";
      readonly head: HeadHandles;
      /** Folder of the head's chunk files. */
      readonly chunksDir: string;
      /** Both included, ms. */
      readonly minTime: number;
      readonly maxTime: number;
      /** The sealed out-of-order samples instead of those that came in order. */
      readonly late?: boolean;
    }
  | {
      readonly kind: "blocks";
      /** Folders of the blocks to merge. */
      readonly blocks: readonly string[];
    }
);

/** Writes the block of a job; undefined where it would hold no sample. */
export function runJob(job: CompactionJob, files: Files): BlockMeta | undefined {
  if (job.kind === "blocks") return writeMerged(job, files);
  const head = attachHead(job.head);
  const reader = new ChunkFileReader(job.chunksDir, files);
  head.memory.chunks.reader = reader;
  const unpin = head.pin();
  try {
    return writeHeadRange(job, head, files);
  } finally {
    unpin();
    reader.close();
  }
}

/** Writes a range of a head of this thread. */
export function writeHeadRange(
  job: Extract<CompactionJob, { kind: "head" }>,
  head: LookedAtHead,
  files: Files,
): BlockMeta | undefined {
  return writeBlock(job.dir, job.draft, new HeadBlock(head, job.minTime, job.maxTime, job.late), files);
}

function writeMerged(job: Extract<CompactionJob, { kind: "blocks" }>, files: Files): BlockMeta | undefined {
  const blocks = job.blocks.map((dir) => openBlock(dir, { files }));
  try {
    return writeBlock(job.dir, job.draft, new MergedBlocks(blocks), files);
  } finally {
    for (const block of blocks) block.close();
  }
}
