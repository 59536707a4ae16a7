import type { ChunkId } from "../memory/chunk-table.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Description of a head chunk that will be written to a chunk file. */
export interface ChunkToWrite {
  readonly ref: number;
  readonly minTime: number;
  readonly maxTime: number;
  readonly encoding: number;
  readonly outOfOrder: boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly size: number;
}

/** Describes a series' chunk for the writer of chunk files. The bytes are a view of the head's memory, not a copy. */
export function chunkToWrite(
  { chunks, series, slabs }: HeadMemory,
  row: SeriesRow,
  id: ChunkId,
  outOfOrder: boolean,
): ChunkToWrite {
  const block = chunks.block[id]!;
  return {
    ref: series.at.ref[row]!,
    minTime: chunks.minTime[id]!,
    maxTime: chunks.maxTime[id]!,
    encoding: chunks.encoding[id]!,
    outOfOrder,
    bytes: slabs.bytes[block >>> 16]!,
    start: (block & 0xffff) * 8,
    size: chunks.size[id]!,
  };
}
