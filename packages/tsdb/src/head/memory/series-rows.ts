import type { BlockRef } from "./byte-slabs.ts";
import type { ChunkId } from "./chunk-table.ts";
import type { SeriesRow, SeriesTable } from "./series-table.ts";

/**
 * What must hold between the columns of a row, wherever its chunks begin, move, close and go. A row with an open chunk has
 * its block, room, encoding, first time and end; a row without one has neither block nor samples in it. `firstChunk` and
 * `lastChunk` are both set or both 0. Samples that are added to an open chunk are written by their encoders.
 */
type Columns = SeriesTable["at"];

/** An empty chunk is open: samples from `time` on go into it, up to `end`. */
export function beginOpenChunk(
  at: Columns,
  row: SeriesRow,
  { block, size, encoding }: { readonly block: BlockRef; readonly size: number; readonly encoding: number },
  time: number,
  end: number,
): void {
  at.openBlock[row] = block;
  at.openSize[row] = size;
  at.openEncoding[row] = encoding;
  at.openBits[row] = 0;
  at.openCount[row] = 0;
  at.openMinTime[row] = time;
  at.nextAt[row] = end;
}

/** The open chunk's bytes lie in another block. The one before is the caller's to free. */
export function moveOpenChunk(at: Columns, row: SeriesRow, block: BlockRef, size: number): void {
  at.openBlock[row] = block;
  at.openSize[row] = size;
}

/** No chunk is open. */
export function clearOpenChunk(at: Columns, row: SeriesRow): void {
  at.openBlock[row] = 0;
  at.openCount[row] = 0;
}

/** Closed chunks, from `first` to `last`, come behind those that are there; `previous` and `next` are the chunk table's. */
export function appendChunks(at: Columns, row: SeriesRow, first: ChunkId, last: ChunkId): void {
  if (at.firstChunk[row] === 0) at.firstChunk[row] = first;
  at.lastChunk[row] = last;
}

/** The oldest closed chunk is gone; `next` follows it, 0 none. */
export function dropFirstChunk(at: Columns, row: SeriesRow, next: ChunkId): void {
  at.firstChunk[row] = next;
  if (next === 0) at.lastChunk[row] = 0;
}
