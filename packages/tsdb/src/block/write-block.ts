import { join } from "node:path";
import { runToEnd, type Steps } from "@narthex/runtime";
import type { Files } from "../files.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import type { BlockSeriesSource } from "./block-source.ts";
import { writeNoTombstones } from "./block-tombstones.ts";
import type { MakeColumnChunks } from "./column-chunks.ts";
import { type ChunkSizes, countChunk } from "./chunk-sizes.ts";
import { CHUNKS_FOLDER, ChunkSegments } from "./chunk-segments.ts";
import { INDEX_FILE } from "./index-format.ts";
import { indexSteps } from "./index-writer.ts";
import { type BlockDraft, type BlockMeta, type BlockStats, type SampleCounts, writeMeta } from "./meta.ts";
import { removeQuietly } from "./replace-file.ts";
import { sampleCount } from "./sample-count.ts";
import { SeriesSpill } from "./series-spill.ts";
import { writeColumns } from "./write-columns.ts";

/** Suffix of a block's folder until the block is complete. The next start of the database removes such folders. */
export const CREATION_SUFFIX = ".tmp-for-creation";
/**
 * Number of chunks that are written in one step, which takes about a millisecond. A caller can yield to the event loop
 * between two steps.
 */
const CHUNKS_PER_STEP = 1024;

export interface WriteOptions {
  /** Largest size of a chunk segment, bytes; default 512 MiB. */
  readonly segmentBytes?: number | undefined;
  /** Whether chunks are written directly, bypassing the system's page cache. */
  readonly uncachedChunks?: boolean | undefined;
  /** Whether samples are written in our columnar format instead of Prometheus' chunks; default false. */
  readonly columnar?: boolean | undefined;
  /**
   * Creates the converter that makes the chunks of a columnar block. By default the chunks have the original samples.
   */
  readonly makeChunks?: MakeColumnChunks | undefined;
  /** Metrics (histograms) to which the sizes of the written chunks are added. */
  readonly sizes?: ChunkSizes | undefined;
}

/** Writes a block as blockSteps() does, without yielding. Used on worker threads. */
export const writeBlock = (
  dir: string,
  draft: BlockDraft,
  source: BlockSeriesSource,
  files: Files,
  options: WriteOptions = {},
): BlockMeta | undefined => runToEnd(blockSteps(dir, draft, source, files, options));

/**
 * Writes a block into `dir`/<ulid>: first the chunks while the source is read, then the index, meta.json and an empty
 * tombstones file. The folder gets its final name after all files are synced. Returns undefined if the source has no
 * chunks. Throws the system's errors. Removes all files of an unfinished or empty block.
 */
export function* blockSteps(
  dir: string,
  draft: BlockDraft,
  source: BlockSeriesSource,
  files: Files,
  options: WriteOptions = {},
): Steps<BlockMeta | undefined> {
  const target = join(dir, draft.ulid);
  const temporary = target + CREATION_SUFFIX;
  files.remove(temporary);
  files.makeFolder(temporary);
  let done = false;
  try {
    const stats = yield* writeContent(temporary, source, files, options);
    if (stats.numChunks === 0) {
      files.remove(temporary);
      done = true;
      return undefined;
    }
    const meta: BlockMeta = { ...draft, stats, version: 1 };
    writeNoTombstones(temporary, files);
    writeMeta(temporary, meta, files);
    files.rename(temporary, target);
    files.syncFolderNow(dir);
    done = true;
    return meta;
  } finally {
    if (!done) removeQuietly(temporary, files);
  }
}

function* writeContent(dir: string, source: BlockSeriesSource, files: Files, options: WriteOptions): Steps<BlockStats> {
  const spill = new SeriesSpill(join(dir, "series.tmp"), files);
  let counts: SampleCounts;
  try {
    counts =
      options.columnar === true
        ? yield* writeColumns(dir, source, spill, files, options)
        : yield* writeChunks(dir, source, spill, files, options);
    if (spill.chunkCount > 0) yield* indexSteps(join(dir, INDEX_FILE), spill, files);
  } finally {
    spill.close();
  }
  return {
    numSamples: counts.numFloatSamples + counts.numHistogramSamples,
    ...counts,
    numSeries: spill.seriesCount,
    numChunks: spill.chunkCount,
  };
}

function* writeChunks(
  dir: string,
  source: BlockSeriesSource,
  spill: SeriesSpill,
  files: Files,
  { segmentBytes, uncachedChunks, sizes }: WriteOptions,
): Steps<SampleCounts> {
  const segments = new ChunkSegments(join(dir, CHUNKS_FOLDER), files, segmentBytes, uncachedChunks);
  let numFloatSamples = 0;
  let numHistogramSamples = 0;
  let chunksOfStep = 0;
  try {
    while (source.next()) {
      while (source.nextChunk()) {
        const { chunk } = source;
        spill.addChunk(chunk.minTime, chunk.maxTime, segments.append(chunk));
        const count = sampleCount(chunk);
        if (chunk.encoding === ENCODING_XOR || chunk.encoding === ENCODING_XOR2) numFloatSamples += count;
        else numHistogramSamples += count;
        if (sizes !== undefined) countChunk(sizes, chunk.end - chunk.start, count, chunk.maxTime - chunk.minTime);
        chunksOfStep++;
      }
      spill.endSeries(source);
      if (chunksOfStep < CHUNKS_PER_STEP) continue;
      chunksOfStep = 0;
      yield;
    }
    segments.finish();
    return { numFloatSamples, numHistogramSamples };
  } finally {
    segments.close();
  }
}
