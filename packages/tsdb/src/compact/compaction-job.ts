import { runToEnd, type Steps } from "@narthex/runtime";
import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockDraft, BlockMeta } from "../block/meta.ts";
import { openBlock } from "../block/open-block.ts";
import { blockSteps } from "../block/write-block.ts";
import type { Files } from "../files.ts";
import { attachHead, type HeadHandles } from "../head/query/attached-head.ts";
import { ChunkFileReader } from "../head/chunk-files/chunk-file-reader.ts";
import { HeadBlock, type HeadRange } from "./head-block.ts";
import { MergedBlocks } from "./merge.ts";

/** One block to write into the folder `dir`; can be posted to a worker. */
export type CompactionJob = {
  readonly dir: string;
  readonly draft: BlockDraft;
  /** A chunk segment does not grow beyond, bytes. */
  readonly segmentBytes?: number | undefined;
  /** Chunks are written past the page cache. */
  readonly uncachedChunks?: boolean | undefined;
  /** Samples go into columns of ours instead of Prometheus' chunks. */
  readonly columnar?: boolean | undefined;
} & (
  | ({ readonly kind: "head"; readonly head: HeadHandles } & HeadRange)
  | {
      readonly kind: "blocks";
      /** Folders of the blocks to merge. */
      readonly blocks: readonly string[];
    }
);

/** Writes the block of a job; undefined where it would hold no sample. Counts the chunks of blocks of the first level. */
export function jobSteps(job: CompactionJob, files: Files, sizes: ChunkSizes): Steps<BlockMeta | undefined> {
  const counted = job.draft.compaction.level === 1 ? sizes : undefined;
  return job.kind === "blocks" ? mergedSteps(job, files, counted) : headSteps(job, files, counted);
}

/** The same at once. */
export const runJob = (job: CompactionJob, files: Files, sizes: ChunkSizes): BlockMeta | undefined =>
  runToEnd(jobSteps(job, files, sizes));

function* headSteps(
  job: Extract<CompactionJob, { kind: "head" }>,
  files: Files,
  sizes: ChunkSizes | undefined,
): Steps<BlockMeta | undefined> {
  const { dir, draft, segmentBytes, uncachedChunks } = job;
  const head = attachHead(job.head);
  const reader = new ChunkFileReader(job.chunksDir, files);
  head.memory.chunks.reader = reader;
  const unpin = head.pin();
  try {
    const source = yield* HeadBlock.open(head, files, job);
    return yield* blockSteps(dir, draft, source, files, { segmentBytes, uncachedChunks, sizes });
  } finally {
    unpin();
    reader.close();
  }
}

function* mergedSteps(
  job: Extract<CompactionJob, { kind: "blocks" }>,
  files: Files,
  sizes: ChunkSizes | undefined,
): Steps<BlockMeta | undefined> {
  const { dir, draft, segmentBytes, uncachedChunks, columnar } = job;
  const blocks = job.blocks.map((path) => openBlock(path, { files }));
  try {
    const source = yield* MergedBlocks.open(blocks);
    return yield* blockSteps(dir, draft, source, files, { segmentBytes, uncachedChunks, columnar, sizes });
  } finally {
    for (const block of blocks) block.close();
  }
}
