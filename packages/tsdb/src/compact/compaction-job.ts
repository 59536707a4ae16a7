import { runToEnd, type Steps } from "@narthex/runtime";
import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockDraft, BlockMeta, SeriesOfRule } from "../block/meta.ts";
import { openBlock } from "../block/open-block.ts";
import { blockSteps } from "../block/write-block.ts";
import type { MakeColumnChunks } from "../block/column-chunks.ts";
import { AggregateChunks, type Downsampling } from "../downsample/aggregate-chunks.ts";
import { AggregateSource, CopiedAggregates } from "../downsample/aggregate-source.ts";
import { RuleSeries } from "../downsample/rule-series.ts";
import type { Files } from "../files.ts";
import { attachHead, type HeadHandles } from "../head/query/attached-head.ts";
import { ChunkFileReader } from "../head/chunk-files/chunk-file-reader.ts";
import { HeadBlock, type HeadRange } from "./head-block.ts";
import { MergedBlocks } from "./merge.ts";

/** Description of a block to write into the folder `dir`. The object can be posted to another thread. */
export type CompactionJob = {
  readonly dir: string;
  readonly draft: BlockDraft;
  /** Largest size of a chunk segment, bytes. */
  readonly segmentBytes?: number | undefined;
  /** Whether chunks are written directly, bypassing the system's page cache. */
  readonly uncachedChunks?: boolean | undefined;
  /** Whether samples are written in our columnar format instead of Prometheus' chunks. */
  readonly columnar?: boolean | undefined;
} & (
  | ({ readonly kind: "head"; readonly head: HeadHandles } & HeadRange)
  | {
      readonly kind: "blocks";
      readonly blocks: readonly string[];
    }
  | {
      readonly kind: "downsample";
      readonly blocks: readonly string[];
      readonly range: Downsampling;
      readonly series: SeriesOfRule;
    }
  | {
      /** Writes a downsampled block again without its deleted samples. */
      readonly kind: "clean downsampled";
      readonly block: string;
    }
);

/**
 * Writes the block that a job describes. Returns undefined if the block would have no samples. Adds the sizes of the
 * chunks to the histograms `sizes` if the block is of the first level.
 */
export function jobSteps(job: CompactionJob, files: Files, sizes: ChunkSizes): Steps<BlockMeta | undefined> {
  const counted = job.draft.compaction.level === 1 ? sizes : undefined;
  switch (job.kind) {
    case "blocks":
      return mergedSteps(job, files, counted);
    case "head":
      return headSteps(job, files, counted);
    case "downsample":
      return downsampledSteps(job, files);
    case "clean downsampled":
      return cleanedSteps(job, files);
  }
}

/** Runs all steps of a job without yielding. */
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

function* downsampledSteps(
  job: Extract<CompactionJob, { kind: "downsample" }>,
  files: Files,
): Steps<BlockMeta | undefined> {
  const { dir, draft, segmentBytes, range } = job;
  const blocks = job.blocks.map((path) => openBlock(path, { files }));
  try {
    const source = new RuleSeries(yield* MergedBlocks.open(blocks), job.series);
    const makeChunks: MakeColumnChunks = (group, note) => new AggregateChunks(range, group, note);
    return yield* blockSteps(dir, draft, source, files, { segmentBytes, columnar: true, makeChunks });
  } finally {
    for (const block of blocks) block.close();
  }
}

function* cleanedSteps(
  { dir, draft, segmentBytes, block: path }: Extract<CompactionJob, { kind: "clean downsampled" }>,
  files: Files,
): Steps<BlockMeta | undefined> {
  const block = openBlock(path, { files });
  try {
    const source = yield* AggregateSource.open(block);
    const makeChunks: MakeColumnChunks = (group, note) => new CopiedAggregates(source, group, note);
    return yield* blockSteps(dir, draft, source, files, { segmentBytes, columnar: true, makeChunks });
  } finally {
    block.close();
  }
}
