import { join } from "node:path";
import type { Files } from "../files.ts";
import { ENCODING_HISTOGRAM_ST } from "../chunk/histogram.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import type { BlockSeriesSource, EncodedChunk } from "./block-source.ts";
import { writeTombstones } from "./block-tombstones.ts";
import { CHUNKS_FOLDER, ChunkSegments } from "./chunk-segments.ts";
import { INDEX_FILE } from "./index-format.ts";
import { writeIndex } from "./index-writer.ts";
import { type BlockDraft, type BlockMeta, type BlockStats, writeMeta } from "./meta.ts";
import { SeriesSpill } from "./series-spill.ts";

/** What a block's folder is called until it is whole; removed at start-up. */
export const CREATION_SUFFIX = ".tmp-for-creation";

/**
 * Writes a block into `dir`/<ulid>: chunks while the source is read, then the index, meta.json, an empty tombstones
 * file. The folder gets its name when all is on the disk. Returns undefined, and leaves nothing, where the source has
 * no chunk. Works synchronously, for worker threads; `onSeries` is called after each series (progress; a throw stops
 * it). Throws the system's errors, after which nothing is left either.
 */
export function writeBlock(
  dir: string,
  draft: BlockDraft,
  source: BlockSeriesSource,
  files: Files,
  onSeries: () => void = () => {},
): BlockMeta | undefined {
  const target = join(dir, draft.ulid);
  const temporary = target + CREATION_SUFFIX;
  files.remove(temporary);
  files.makeFolder(temporary);
  try {
    const stats = writeContent(temporary, source, files, onSeries);
    if (stats.numChunks === 0) {
      files.remove(temporary);
      return undefined;
    }
    const meta: BlockMeta = { ...draft, stats, version: 1 };
    writeTombstones(temporary, new Map(), files);
    writeMeta(temporary, meta, files);
    files.rename(temporary, target);
    files.syncFolderNow(dir);
    return meta;
  } catch (cause) {
    removeQuietly(temporary, files);
    throw cause;
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

function writeContent(dir: string, source: BlockSeriesSource, files: Files, onSeries: () => void): BlockStats {
  const spillPath = join(dir, "series.tmp");
  const spill = new SeriesSpill(spillPath, files);
  const segments = new ChunkSegments(join(dir, CHUNKS_FOLDER), files);
  let numFloatSamples = 0;
  let numHistogramSamples = 0;
  try {
    while (source.next()) {
      while (source.nextChunk()) {
        const { chunk } = source;
        spill.addChunk(chunk.minTime, chunk.maxTime, segments.append(chunk));
        const count = sampleCount(chunk);
        if (chunk.encoding === ENCODING_XOR || chunk.encoding === ENCODING_XOR2) numFloatSamples += count;
        else numHistogramSamples += count;
      }
      spill.endSeries(source);
      onSeries();
    }
    segments.finish();
    if (spill.chunkCount > 0) writeIndex(join(dir, INDEX_FILE), spill, files);
  } finally {
    segments.close();
    spill.close();
  }
  files.remove(spillPath);
  return {
    numSamples: numFloatSamples + numHistogramSamples,
    numFloatSamples,
    numHistogramSamples,
    numSeries: spill.seriesCount,
    numChunks: spill.chunkCount,
  };
}

/** Samples of a chunk by its own header, which in histogram chunks with start timestamps has 14 bits for them. */
export function sampleCount({ bytes, start, encoding }: Pick<EncodedChunk, "bytes" | "start" | "encoding">): number {
  const count = (bytes[start]! << 8) | bytes[start + 1]!;
  return encoding >= ENCODING_HISTOGRAM_ST ? count & 0x3fff : count;
}
