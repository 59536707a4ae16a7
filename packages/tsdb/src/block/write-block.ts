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
import { sampleCount } from "./sample-count.ts";
import { SeriesSpill } from "./series-spill.ts";
import { writeColumns } from "./write-columns.ts";

/** What a block's folder is called until it is whole; removed at start-up. */
export const CREATION_SUFFIX = ".tmp-for-creation";
/** Chunks written before the event loop gets its turn, where the caller lets it: about a millisecond. */
const CHUNKS_PER_STEP = 1024;

/** How a block is written. */
export interface WriteOptions {
  /** A chunk segment does not grow beyond, bytes; default 512 MiB. */
  readonly segmentBytes?: number | undefined;
  /** Chunks go past the page cache. */
  readonly uncachedChunks?: boolean | undefined;
  /** Samples go into columns of ours instead of Prometheus' chunks; default not. */
  readonly columnar?: boolean | undefined;
  /** Makes the chunks of columns; default of the samples as they are. */
  readonly makeChunks?: MakeColumnChunks | undefined;
  /** Counts the chunks. */
  readonly sizes?: ChunkSizes | undefined;
}

/** As blockSteps(), at once: for worker threads. */
export const writeBlock = (
  dir: string,
  draft: BlockDraft,
  source: BlockSeriesSource,
  files: Files,
  options: WriteOptions = {},
): BlockMeta | undefined => runToEnd(blockSteps(dir, draft, source, files, options));

/**
 * Writes a block into `dir`/<ulid>: chunks while the source is read, then the index, meta.json, an empty tombstones
 * file. The folder gets its name when all is on the disk. Returns undefined, and leaves nothing, where the source has
 * no chunk. Throws the system's errors, after which nothing is left either; so it is when the steps are ended early.
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

/** The first error is the one to tell. */
function removeQuietly(path: string, files: Files): void {
  try {
    files.remove(path);
  } catch {
    // The folder's name tells the next start to remove it.
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
