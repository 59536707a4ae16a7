import { SampleColumns } from "@narthex/storage";
import type { ChunkId, ChunkTable } from "../memory/chunk-table.ts";
import { decodeHeadChunk } from "../decode-head-chunk.ts";
import { dropSamples } from "../../chunk/drop-samples.ts";
import { sameHistogram } from "../../chunk/histogram-shape.ts";

const found = new SampleColumns(64);

export interface OutOfOrderChunks {
  /** Newest chunk that is not full. Older chunks that are not full are linked by `previous`. */
  readonly open: ChunkId;
  /** Newest full chunk. Older full chunks are linked by `previous`. The list ends before the chunk `end`. */
  readonly full: ChunkId;
  readonly end: ChunkId;
}

/**
 * Reads out-of-order samples in order of time. If several samples have the same timestamp, the sample that arrived
 * first is kept.
 * @returns the number of bytes that were decoded
 */
export function readOutOfOrder(
  chunks: ChunkTable,
  { open, full, end }: OutOfOrderChunks,
  from: number,
  to: number,
  into: SampleColumns,
): number {
  found.reset();
  let bytes = 0;
  for (let id = open; id !== 0; id = chunks.previous[id]!) bytes += readChunk(chunks, id, from, to);
  for (let id = full; id !== end && id !== 0; id = chunks.previous[id]!) bytes += readChunk(chunks, id, from, to);
  const { timestamps } = found;
  // Sorts by time and, for equal times, by arrival. The newest chunk was read first, so the sample that was read last
  // has arrived first.
  const order = Uint32Array.from({ length: found.count }, (_, i) => i).sort(
    (a, b) => timestamps[a]! - timestamps[b]! || b - a,
  );
  let last = NaN;
  let before = -2;
  for (const i of order) {
    if (timestamps[i] === last) continue;
    last = timestamps[i]!;
    pushJoined(into, found, i, before === i - 1);
    before = i;
  }
  return bytes;
}

/** Reads an out-of-order chunk. Returns its size in bytes, or 0 if it does not overlap the time range. */
function readChunk(chunks: ChunkTable, id: ChunkId, from: number, to: number): number {
  if (chunks.maxTime[id]! < from || chunks.minTime[id]! > to) return 0;
  chunks.withBytes(id, (bytes, start, end) =>
    decodeHeadChunk(bytes, start, end, -1, chunks.encoding[id]!, from, to, found),
  );
  return chunks.size[id]!;
}

/**
 * Merges out-of-order samples into the in-order samples of a series. If times are equal, the in-order sample is kept.
 */
export function mergeOutOfOrder(into: SampleColumns, outOfOrder: SampleColumns): void {
  if (outOfOrder.count === 0) return;
  const merged = new SampleColumns(into.count + outOfOrder.count);
  let i = 0;
  let k = 0;
  let previous = -1;
  while (i < into.count || k < outOfOrder.count) {
    const isOutOfOrder = i >= into.count || (k < outOfOrder.count && outOfOrder.timestamps[k]! < into.timestamps[i]!);
    if (!isOutOfOrder && k < outOfOrder.count && outOfOrder.timestamps[k] === into.timestamps[i]) k++;
    if (isOutOfOrder) pushJoined(merged, outOfOrder, k++, previous === 1);
    else pushJoined(merged, into, i++, previous === 0 || previous === -1);
    previous = isOutOfOrder ? 1 : 0;
  }
  into.reset();
  for (let slot = 0; slot < merged.count; slot++) into.pushFrom(merged, slot);
}

/**
 * Removes the samples of `columns` whose timestamps also occur in `others`. Both sets of columns must be in order of
 * time.
 */
export function dropTimesOf(others: SampleColumns, columns: SampleColumns): void {
  let at = 0;
  dropSamples(columns, (slot) => {
    const time = columns.timestamps[slot]!;
    while (at < others.count && others.timestamps[at]! < time) at++;
    return at < others.count && others.timestamps[at] === time;
  });
}

/**
 * Removes the samples of `columns` that also occur in `others` with equal time and value. Both sets of columns must be
 * in order of time.
 */
export function dropSamplesOf(others: SampleColumns, columns: SampleColumns): void {
  let at = 0;
  dropSamples(columns, (slot) => {
    const time = columns.timestamps[slot]!;
    while (at < others.count && others.timestamps[at]! < time) at++;
    return at < others.count && others.timestamps[at] === time && isSame(others, at, columns, slot);
  });
}

function isSame(a: SampleColumns, i: number, b: SampleColumns, k: number): boolean {
  const [left, right] = [a.histograms?.[i], b.histograms?.[k]];
  if (left !== undefined || right !== undefined) {
    return left !== undefined && right !== undefined && sameHistogram(left, right);
  }
  return a.valueWords[i * 2] === b.valueWords[k * 2] && a.valueWords[i * 2 + 1] === b.valueWords[k * 2 + 1];
}

/**
 * Appends a histogram to merged samples. Keeps the reset hint only if the histogram still follows its predecessor in
 * the chunk. Otherwise sets the hint to "unknown".
 */
function pushJoined(into: SampleColumns, source: SampleColumns, slot: number, follows: boolean): void {
  const histogram = source.histograms?.[slot];
  if (histogram === undefined || follows || histogram.resetHint === "gauge" || histogram.resetHint === "unknown") {
    into.pushFrom(source, slot);
  } else {
    into.pushHistogram(source.timestamps[slot]!, { ...histogram, resetHint: "unknown" });
    if (source.startTimestamps !== undefined) into.setStart(source.startTimestamps[slot]!);
  }
}
