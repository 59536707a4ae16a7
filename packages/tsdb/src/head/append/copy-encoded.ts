import type { BitBuffer } from "../../chunk/bit-buffer.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Returns the size in bytes of the memory block for an open chunk of `size` bytes that will get more samples. */
export const roomFor = (size: number): number => 2 ** Math.ceil(Math.log2(size * 1.25));

/**
 * Copies new bytes of an open chunk from its encoder into the chunk's memory block. If the block is full, a larger
 * block replaces it.
 */
export function copyEncoded({ slabs, series }: HeadMemory, row: SeriesRow, buffer: BitBuffer): void {
  const { at, rows } = series;
  const size = buffer.byteLength;
  let from = at.openBits[row]! >>> 3;
  if (size > at.openSize[row]!) {
    slabs.free(at.openBlock[row]!, at.openSize[row]!);
    const room = roomFor(size);
    rows.moveOpenChunk(row, slabs.allocate(room), room);
    from = 0;
  }
  const block = at.openBlock[row]!;
  const start = (block & 0xffff) * 8;
  const target = slabs.bytes[block >>> 16]!;
  target.set(buffer.bytes.subarray(from, size), start + from);
  target.set(buffer.bytes.subarray(0, 3), start);
}
