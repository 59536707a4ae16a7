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

/** Chunks read from files at the start, until the log names their series. */
export class LoadedChunks {
  readonly #memory: HeadMemory;
  /** The oldest chunk of a series by reference; its `previous` is the newest one. */
  readonly #first = new LongMap<number, ChunkId>();
  count = 0;

  /** Chunks of out-of-order samples by their own references, file × 2^32 + offset, as in the files. */
  readonly #outOfOrder = new LongMap<number, OutOfOrderChunk>();

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** Chunks that end before `minTime` are in blocks and are left out. */
  add(entry: ChunkEntry, minTime: number): void {
    const { chunks, series } = this.#memory;
    // The log may have lost the series' record in a power cut: the reference is reserved, so that no other series gets
    // these chunks.
    series.reserve(entry.ref);
    // The log has the samples; there may be room for them after those in blocks were removed.
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
    // The chunk was written twice, because a later step failed the first time.
    if (entry.minTime === chunks.minTime[last] && entry.maxTime === chunks.maxTime[last]) return;
    if (entry.minTime <= chunks.maxTime[last]!) {
      throw new HeadChunkDamage(`chunk at ${entry.entryOffset} is not after its series' last one`);
    }
    chunks.previous[first] = chunks.addStored(entry, last);
  }

  /** Removes the chunks of a file that is damaged. */
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
   * Gives a series its chunks, so that samples up to the end of the last one need no replay. Returns their time range.
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
    // The value is not known: a sample of the same time counts as a duplicate with another value.
    series.rows.resumeValue(row, 0xffffffff, 0xffffffff);
    return { minTime: chunks.minTime[first]!, maxTime: chunks.maxTime[last]! };
  }

  /**
   * Returns the chunk of out-of-order samples with this reference and series, and removes it from the list; 0 if there
   * is none.
   */
  takeOutOfOrder(ref: number, chunk: number): ChunkId {
    const found = this.#outOfOrder.get(chunk);
    if (found?.ref !== ref) return 0;
    this.#outOfOrder.delete(chunk);
    return found.id;
  }

  /** The chunks of out-of-order samples that were not taken, oldest first, with their references. */
  get restOfOutOfOrder(): readonly (readonly [chunk: number, OutOfOrderChunk])[] {
    return [...this.#outOfOrder];
  }

  /** Are there chunks for this reference? */
  has(ref: number): boolean {
    return this.#first.has(ref);
  }

  /**
   * Inserts chunks of a series that already has chunks from another reference, which reach further: processes have used
   * either reference. Each chunk is put in order of time. A chunk that overlaps another is dropped, since the log has
   * its samples.
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

  /** Drops the chunks that no series of the log has taken. */
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
