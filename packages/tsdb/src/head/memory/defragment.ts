import { setImmediate } from "node:timers/promises";
import { pageReleaser } from "@narthex/runtime";
import { packedRoomFor } from "../append/float-chunks.ts";
import type { HeadMemory } from "./head-memory.ts";
import type { SeriesRow } from "./series-rows.ts";

/**
 * Smallest total size in bytes of unused holes between blocks for which blocks are moved. The holes must also make up
 * at least a quarter of the used memory.
 */
const MIN_SCATTERED_BYTES = 8 * 1024 * 1024;
const MIN_RELEASED_BYTES = 1024 * 1024;
const ROWS_PER_TURN = 4096;
/**
 * Number of slabs (16 MiB in total) whose pages are returned to the system in one turn of the event loop. The system
 * needs time for each page.
 */
const SLABS_PER_TURN = 32;
const LARGEST_MOVED_BYTES = 64 * 1024;

/**
 * Moves the open chunks closer together if their growth has left many unused holes between them. A replay of the log,
 * for example, leaves many holes.
 */
export async function shrinkOpenChunks(memory: HeadMemory): Promise<void> {
  const { scatteredBytes, usedBytes } = memory.slabs;
  if (scatteredBytes > MIN_SCATTERED_BYTES && scatteredBytes > usedBytes / 4) await defragmentOpenChunks(memory);
}

/**
 * Moves the open chunks into separate slabs of memory and returns the freed pages to the system. Yields to the event
 * loop every few milliseconds. Readers keep the blocks that they use.
 */
export async function defragmentOpenChunks(memory: HeadMemory): Promise<void> {
  const { series, slabs } = memory;
  for (let from = 1; from < series.end && memory.capacity.hasReserve; from += ROWS_PER_TURN) {
    if (from > 1) await setImmediate();
    memory.beginChange();
    for (let row = from; row < Math.min(series.end, from + ROWS_PER_TURN); row++) {
      if (series.at.ref[row] !== 0 && series.at.openBlock[row] !== 0) move(memory, row);
    }
    memory.endChange();
  }
  slabs.endPacked();
  await releaseFreePages(memory);
}

function move(memory: HeadMemory, row: SeriesRow): void {
  const { series, slabs } = memory;
  const { at } = series;
  const old = at.openBlock[row]!;
  const oldSize = at.openSize[row]!;
  if (oldSize > LARGEST_MOVED_BYTES) return;
  memory.beforeChange(row);
  const used = (at.openBits[row]! + 7) >>> 3;
  const size = Math.min(oldSize, packedRoomFor(used));
  const block = slabs.allocatePacked(size);
  const from = (old & 0xffff) * 8;
  slabs.bytes[block >>> 16]!.set(slabs.bytes[old >>> 16]!.subarray(from, from + used), (block & 0xffff) * 8);
  series.rows.moveOpenChunk(row, block, size);
  slabs.free(old, oldSize);
}

/** Returns the pages of free blocks to the system. Yields to the event loop every few milliseconds. */
export async function releaseFreePages({ slabs }: HeadMemory): Promise<void> {
  let bytes = 0;
  slabs.forEachFreePages((pages) => (bytes += pages.length));
  if (bytes < MIN_RELEASED_BYTES) return;
  const release = await pageReleaser();
  // Looks for free pages a second time, because other code may have allocated some of them during the yield.
  for (let slab = 0; slab < slabs.mapped; slab += SLABS_PER_TURN) {
    await setImmediate();
    slabs.forEachFreePages(release, slab, slab + SLABS_PER_TURN);
  }
}
