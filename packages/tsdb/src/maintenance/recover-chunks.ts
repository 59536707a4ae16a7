import { join } from "node:path";
import { runStepByStep, type Steps } from "@narthex/runtime";
import type { SampleColumns } from "@narthex/storage";
import type { EncodedChunk } from "../block/block-source.ts";
import { dropSamples } from "../chunk/drop-samples.ts";
import { ENCODING_FLOAT_HISTOGRAM_ST, ENCODING_HISTOGRAM_ST, isHistogramEncoding } from "../chunk/histogram.ts";
import { ENCODING_HISTOGRAM } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { ChunkFileReader } from "../head/chunk-files/chunk-file-reader.ts";
import { damageOf } from "../head/chunk-files/head-chunk-file.ts";
import type { Head } from "../head/head.ts";
import type { ChunkId } from "../head/memory/chunk-table.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import type { MaintenanceContext } from "./context.ts";
import { SeriesFromLog } from "./series-from-log.ts";

const ROWS_PER_STEP = 16_384;
const READS_PER_STEP = 256;
/**
 * Number of chunks that are encoded again in one step, between two yields to other work. The samples of a chunk take a
 * few hundred bytes.
 */
const ENCODED_PER_STEP = 64;
/**
 * Largest number of chunks that one pass over the log restores. A pass needs about 100 MB for all samples of the
 * chunks' series.
 */
const CHUNKS_PER_PASS = 65_536;
/** Largest number of samples of a chunk. The header of some encodings stores the number of samples in 14 bits. */
const MAX_SAMPLES = 2 ** 14 - 1;

interface FiledChunk {
  readonly id: ChunkId;
  readonly row: SeriesRow;
  readonly outOfOrder: boolean;
}

/**
 * Restores head chunks whose file cannot be read from the samples in the logs. Requires that the logs have all samples
 * of the file; otherwise the file is the only copy, and a later read may succeed. Returns false if no chunk was
 * restored.
 */
export async function recoverChunks(context: MaintenanceContext, cause: unknown): Promise<boolean> {
  const file = fileOf(cause);
  const { stats, parts } = context;
  const { gap, head, logger, stored } = parts;
  if (file === undefined || !gap.haveAllOf(file)) return false;
  const filed = await runStepByStep(chunksOf(head, file));
  const reader = new ChunkFileReader(stored.files.dir, parts.files);
  let damaged: FiledChunk[];
  try {
    damaged = await runStepByStep(unreadable(head, filed, reader));
  } finally {
    reader.close();
  }
  if (damaged.length === 0) return false;
  let recovered = 0;
  for (let from = 0; from < damaged.length; from += CHUNKS_PER_PASS) {
    const pass = damaged.slice(from, from + CHUNKS_PER_PASS);
    const log = await readLogs(context, pass);
    if (log === undefined) break;
    recovered += await runStepByStep(restored(head, pass, log));
  }
  const said = { file, chunks: damaged.length, recovered, err: cause };
  if (recovered === 0) {
    logger.error("head chunks cannot be read from their file, and the WAL does not have all of their samples", said);
    return false;
  }
  stored.files.corruptions++;
  stats.chunksRecovered += recovered;
  logger.warn("head chunks cannot be read from their file; their samples were taken from the WAL", said);
  return true;
}

/**
 * Returns the number of the chunk file that an error names. Reads the property, because an error that the compaction
 * thread has posted has lost its class.
 */
function fileOf(cause: unknown): number | undefined {
  const { name, file } = cause as { readonly name?: unknown; readonly file?: unknown };
  return name === "HeadChunkDamage" && typeof file === "number" ? file : undefined;
}

/** Returns the chunks of a chunk file that belong to existing series, in the order of the file. */
function* chunksOf({ memory: { chunks, series } }: Head, file: number): Steps<FiledChunk[]> {
  const { at } = series;
  const found: FiledChunk[] = [];
  for (let row = 1; row < series.end; row++) {
    if (row % ROWS_PER_STEP === 0) yield;
    if (at.ref[row] === 0) continue;
    for (let id = at.firstChunk[row]!; id !== 0; id = chunks.next[id]!) {
      if (chunks.fileOf(id) === file) found.push({ id, row, outOfOrder: false });
    }
    const end = at.outOfOrderEnd[row]!;
    for (let id = at.outOfOrder[row]!; id !== end && id !== 0; id = chunks.previous[id]!) {
      if (chunks.fileOf(id) === file) found.push({ id, row, outOfOrder: true });
    }
  }
  return found.sort((a, b) => chunks.offsetOf(a.id) - chunks.offsetOf(b.id));
}

function* unreadable(
  { memory: { chunks } }: Head,
  filed: readonly FiledChunk[],
  reader: ChunkFileReader,
): Steps<FiledChunk[]> {
  const found: FiledChunk[] = [];
  for (const [i, chunk] of filed.entries()) {
    if (i % READS_PER_STEP === READS_PER_STEP - 1) yield;
    try {
      reader.read(chunks.fileOf(chunk.id), chunks.offsetOf(chunk.id), chunks.size[chunk.id]!);
    } catch (cause) {
      if (damageOf(cause) === undefined) throw cause;
      found.push(chunk);
    }
  }
  return found;
}

/** Reads the samples of the series from the logs. Returns undefined if any part of the logs cannot be read. */
async function readLogs(
  { parts }: MaintenanceContext,
  damaged: readonly FiledChunk[],
): Promise<SeriesFromLog | undefined> {
  const { aliases, dir, files, head } = parts;
  const { chunks } = head.memory;
  const oldest = damaged.reduce((time, { id }) => Math.min(time, chunks.minTime[id]!), Infinity);
  const rows = damaged.map(({ row }) => row);
  const log = new SeriesFromLog(head, rows, aliases, oldest);
  const isInOrder = damaged.some(({ outOfOrder }) => !outOfOrder);
  const isOutOfOrder = damaged.some(({ outOfOrder }) => outOfOrder);
  if (isInOrder && !(await log.readInOrder(join(dir, "wal"), files))) return undefined;
  if (isOutOfOrder && !(await log.readOutOfOrder(join(dir, "wbl"), files))) return undefined;
  return log;
}

/** Restores chunks from the samples of the logs. Returns the number of restored chunks. */
function* restored(head: Head, damaged: readonly FiledChunk[], log: SeriesFromLog): Steps<number> {
  let count = 0;
  for (const [i, chunk] of damaged.entries()) {
    if (i % ENCODED_PER_STEP === ENCODED_PER_STEP - 1) yield;
    if (restore(head, chunk, log)) count++;
  }
  return count;
}

/**
 * Restores one chunk from the samples of the logs. Returns false and changes nothing if the first or the last sample of
 * the chunk is missing in the logs.
 */
function restore(head: Head, chunk: FiledChunk, log: SeriesFromLog): boolean {
  const { chunks } = head.memory;
  const { id, row, outOfOrder } = chunk;
  const [minTime, maxTime, encoding] = [chunks.minTime[id]!, chunks.maxTime[id]!, chunks.encoding[id]!];
  const columns = log.samples(row, outOfOrder, minTime, maxTime);
  keepKind(columns, encoding);
  // Accepts an in-order chunk whose first samples are missing in the log if a block may already contain them.
  const hasFirst = columns.timestamps[0] === minTime || (!outOfOrder && minTime < head.minValidTime);
  if (columns.count === 0 || !hasFirst || columns.timestamps[columns.count - 1] !== maxTime) return false;
  const encoder = new ChunkEncoder(MAX_SAMPLES);
  encoder.encode(columns);
  replace(head, chunk, partsOf(encoder));
  return true;
}

/**
 * Keeps only samples of the chunk's kind: floats, histograms with integer counts, or histograms with float counts.
 * Other out-of-order chunks of the series may have samples of another kind at the same times.
 */
function keepKind(columns: SampleColumns, encoding: number): void {
  const isHistogram = isHistogramEncoding(encoding);
  const isInteger = encoding === ENCODING_HISTOGRAM || encoding === ENCODING_HISTOGRAM_ST;
  const { histograms } = columns;
  dropSamples(columns, (slot) => {
    const histogram = histograms?.[slot];
    return (histogram !== undefined) !== isHistogram || (isHistogram && (histogram?.integer === true) !== isInteger);
  });
  const hasStarts = [ENCODING_XOR2, ENCODING_HISTOGRAM_ST, ENCODING_FLOAT_HISTOGRAM_ST].includes(encoding);
  // Drops unneeded start timestamps, because the encoding depends on them and the chunk must keep its encoding. Readers
  // on other threads may have read the encoding already.
  if (!hasStarts) columns.startTimestamps = undefined;
  else columns.startTimestamps ??= new Float64Array(columns.timestamps.length);
}

const partsOf = ({ bytes, count, start, end, encoding, minTime, maxTime }: ChunkEncoder): EncodedChunk[] =>
  Array.from({ length: count }, (_, i) => ({
    bytes,
    start: start[i]!,
    end: end[i]!,
    encoding: encoding[i]!,
    minTime: minTime[i]!,
    maxTime: maxTime[i]!,
  }));

/**
 * Replaces a damaged chunk by restored chunks at the same position in the series' list. Samples that do not fit into
 * one chunk go into further chunks.
 */
function replace({ memory }: Head, { id, row, outOfOrder }: FiledChunk, parts: readonly EncodedChunk[]): void {
  const { chunks, series } = memory;
  const [first, ...others] = parts;
  memory.beginChange();
  memory.beforeChange(row);
  chunks.restore(id, first!);
  let before = id;
  for (const { bytes, start, end, encoding, minTime, maxTime } of others) {
    const added = chunks.add(bytes, start, end - start, encoding, minTime, maxTime, 0);
    if (outOfOrder) {
      chunks.previous[added] = chunks.previous[before]!;
      chunks.previous[before] = added;
    } else insertAfter(memory, row, before, added);
    before = added;
  }
  // Adds the series to the list of series whose chunks must be written to files, if the restored chunks are the newest
  // of the series. These chunks are only in memory.
  if (!outOfOrder && series.at.lastChunk[row] === before) chunks.unstored.push(row);
  memory.endChange();
}

function insertAfter({ chunks, series }: Head["memory"], row: SeriesRow, before: ChunkId, added: ChunkId): void {
  const after = chunks.next[before]!;
  chunks.previous[added] = before;
  chunks.next[added] = after;
  if (after !== 0) chunks.previous[after] = added;
  chunks.next[before] = added;
  series.rows.insertChunk(row, added, before, after);
}
