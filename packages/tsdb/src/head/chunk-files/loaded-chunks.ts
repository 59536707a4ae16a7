import { LongMap } from "../../long-map.ts";
import type { ChunkId } from "../memory/chunk-table.ts";
import { type ChunkEntry, HeadChunkDamage } from "./head-chunk-file.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** A chunk of out-of-order samples and the reference of its series. */
export interface OutOfOrderChunk {
  readonly ref: number;
  readonly id: ChunkId;
}

/**
 * Chunks that a start has read from chunk files and that do not belong to a series yet. The replay of the log attaches
 * them to series.
 */
export class LoadedChunks {
  readonly #memory: HeadMemory;
  /**
   * Oldest chunk of each series, by series reference. The field `previous` of this chunk is the series' newest chunk.
   */
  readonly #first = new LongMap<number, ChunkId>();
  count = 0;

  /** Chunks of out-of-order samples by their own references in the files (file × 2^32 + offset). */
  readonly #outOfOrder = new LongMap<number, OutOfOrderChunk>();

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** Adds a chunk. Skips chunks that end before `minTime`, because blocks contain their samples. */
  add(entry: ChunkEntry, minTime: number): void {
    const { chunks, series } = this.#memory;
    // Reserves the reference of the chunks' series. A power cut may have removed the series' record from the log, and
    // another series must not get the reference and the chunks.
    series.reserve(entry.ref);
    // Skips the chunk if the memory is full. The log also contains its samples, and the replay may find room for them
    // after it has removed samples that are in blocks.
    if (!this.#memory.capacity.hasReserve) return;
    if (entry.outOfOrder) {
      const id = chunks.addStored(entry, 0);
      this.#outOfOrder.set(entry.file * 2 ** 32 + entry.entryOffset, { ref: entry.ref, id });
      return;
    }
    if (entry.maxTime < minTime) return;
    const first = this.#first.get(entry.ref);
    this.count++;
    if (first === undefined) {
      const id = chunks.addStored(entry, 0);
      chunks.previous[id] = id;
      this.#first.set(entry.ref, id);
      return;
    }
    const last = chunks.previous[first]!;
    // Skips a second copy of a chunk. A chunk is written twice if a step after its first write failed.
    if (entry.minTime === chunks.minTime[last] && entry.maxTime === chunks.maxTime[last]) return;
    if (entry.minTime <= chunks.maxTime[last]!) {
      throw new HeadChunkDamage(`chunk at ${entry.entryOffset} is not after the previous chunk of its series`);
    }
    chunks.previous[first] = chunks.addStored(entry, last);
  }

  /** Removes the chunks of a damaged file. */
  discard(file: number): void {
    const { chunks } = this.#memory;
    for (const [chunk, { id }] of this.#outOfOrder) {
      if (chunks.fileOf(id) !== file) continue;
      chunks.remove(id);
      this.#outOfOrder.delete(chunk);
    }
    for (const [ref, first] of this.#first) {
      let last = chunks.previous[first]!;
      while (chunks.fileOf(last) === file) {
        const before = chunks.previous[last]!;
        chunks.remove(last);
        this.count--;
        if (last === first) {
          this.#first.delete(ref);
          break;
        }
        chunks.next[before] = 0;
        last = before;
      }
      if (this.#first.has(ref)) chunks.previous[first] = last;
    }
  }

  /**
   * Attaches the loaded chunks of a reference to a series, so that samples up to the end of the last chunk need no
   * replay. Returns the time range of the chunks.
   */
  attach(ref: number, row: SeriesRow): { minTime: number; maxTime: number } | undefined {
    const first = this.#first.get(ref);
    if (first === undefined) return undefined;
    const { chunks, series } = this.#memory;
    const { at } = series;
    const last = chunks.previous[first]!;
    this.#first.delete(ref);
    if (chunks.minTime[first]! <= at.lastTime[row]!) return this.#insert(first, row);
    const before = at.lastChunk[row]!;
    chunks.previous[first] = before;
    if (before !== 0) chunks.next[before] = first;
    series.rows.resumeChunks(row, first, last, chunks.maxTime[last]!);
    // Sets the newest value to an impossible value (a NaN), because the chunk is not decoded at this time. A later
    // sample with the same time is then refused as a duplicate with another value.
    series.rows.resumeValue(row, 0xffffffff, 0xffffffff);
    return { minTime: chunks.minTime[first]!, maxTime: chunks.maxTime[last]! };
  }

  /**
   * Removes the chunk of out-of-order samples with this reference and series from the list, and returns its id. Returns
   * 0 if it does not exist.
   */
  takeOutOfOrder(ref: number, chunk: number): ChunkId {
    const found = this.#outOfOrder.get(chunk);
    if (found?.ref !== ref) return 0;
    this.#outOfOrder.delete(chunk);
    return found.id;
  }

  /** Chunks of out-of-order samples that takeOutOfOrder() has not returned, oldest first, with their references. */
  get restOfOutOfOrder(): readonly (readonly [chunk: number, OutOfOrderChunk])[] {
    return [...this.#outOfOrder];
  }

  /** Returns whether there are chunks for this reference. */
  has(ref: number): boolean {
    return this.#first.has(ref);
  }

  /**
   * Inserts chunks into a series that already has later chunks. This happens if earlier processes used different
   * references for the series. A chunk that overlaps another chunk is removed, because the log also contains its
   * samples.
   */
  #insert(first: ChunkId, row: SeriesRow): { minTime: number; maxTime: number } | undefined {
    const { chunks, series } = this.#memory;
    const { at } = series;
    let range: { minTime: number; maxTime: number } | undefined;
    for (let id = first; id !== 0;) {
      const following = chunks.next[id]!;
      const minTime = chunks.minTime[id]!;
      const maxTime = chunks.maxTime[id]!;
      let before = at.lastChunk[row]!;
      let after = 0;
      while (before !== 0 && chunks.maxTime[before]! >= minTime) {
        after = before;
        before = before === at.firstChunk[row] ? 0 : chunks.previous[before]!;
      }
      const end = after === 0 ? at.lastTime[row]! + 1 : chunks.minTime[after]!;
      if (maxTime >= end) chunks.remove(id);
      else {
        chunks.previous[id] = before;
        chunks.next[id] = after;
        if (before !== 0) chunks.next[before] = id;
        if (after !== 0) chunks.previous[after] = id;
        series.rows.insertChunk(row, id, before, after);
        range = { minTime: range?.minTime ?? minTime, maxTime };
      }
      id = following;
    }
    return range;
  }

  /** Removes the chunks whose series was not found in the log. Returns how many there were. */
  dropRest(): number {
    const { chunks } = this.#memory;
    let dropped = 0;
    for (const first of this.#first.values()) {
      for (let id = first; id !== 0; dropped++) {
        const next = chunks.next[id]!;
        chunks.remove(id);
        id = next;
      }
    }
    for (const { id } of this.#outOfOrder.values()) chunks.remove(id);
    dropped += this.#outOfOrder.size;
    this.#outOfOrder.clear();
    this.#first.clear();
    return dropped;
  }
}
