import { setImmediate } from "node:timers/promises";
import { logOnChange, runStepByStep, type StateLog, type Steps } from "@narthex/runtime";
import { type ChunkFiles, ENTRY_ROOM_BYTES, type LoadOptions, type StoredPlace } from "./chunk-files.ts";
import { type ChunkToWrite, chunkToWrite } from "./chunk-to-write.ts";
import type { ChunkId } from "../memory/chunk-table.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import { HeadChunkDamage } from "./head-chunk-file.ts";
import { LoadedChunks } from "./loaded-chunks.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

const ROWS_PER_TURN = 1024;
const CHUNKS_PER_WRITE = 512;

/** The parts of a head that its chunk files use. */
interface StoredHead {
  readonly memory: HeadMemory;
  readonly minValidTime: number;
  readonly outOfOrder: { oldestFile(): Steps<number> };
}

/**
 * Moves closed chunks of a head from memory to chunk files (chunks_head), and loads the chunks that earlier processes
 * stored.
 */
export class StoredChunks {
  readonly files: ChunkFiles;
  readonly loaded: LoadedChunks;
  readonly #head: StoredHead;
  readonly #writing: StateLog;
  /**
   * Number of entries at the start of `unstored` whose chunks are stored by now. The entries are removed when they are
   * half of the list.
   */
  #done = 0;

  constructor(head: StoredHead, files: ChunkFiles) {
    this.#head = head;
    this.files = files;
    this.loaded = new LoadedChunks(head.memory);
    this.#writing = logOnChange(files.logger, "writing head chunks (they stay in memory meanwhile)");
  }

  /** Loads the chunks of earlier processes. Must be called before the log is replayed. */
  async load(options: LoadOptions): Promise<void> {
    let file = 0;
    try {
      await this.files.load((entry) => {
        file = entry.file;
        this.loaded.add(entry, this.#head.minValidTime);
      }, options);
    } catch (cause) {
      if (!(cause instanceof HeadChunkDamage)) throw cause;
      if (file > this.files.newest) this.loaded.discard(file);
    }
  }

  /**
   * Writes the closed chunks that are in memory to files and frees their memory. Yields to the event loop every few
   * milliseconds.
   */
  async store(): Promise<void> {
    const { chunks } = this.#head.memory;
    for (let isFirst = true; chunks.unstored.length > 0; isFirst = false) {
      if (!isFirst) await setImmediate();
      try {
        await this.files.settle();
      } catch (cause) {
        this.#writing.failed(cause instanceof Error ? cause.message : String(cause));
        return;
      }
      if (!this.#storeRows(ROWS_PER_TURN)) return;
    }
  }

  /** Whether all closed chunks of in-order samples are in files. */
  get allStored(): boolean {
    const { series, chunks } = this.#head.memory;
    for (let row = 1; row < series.end; row++) {
      const last = series.at.lastChunk[row]!;
      if (series.at.ref[row] !== 0 && last !== 0 && chunks.fileOf(last) === 0) return false;
    }
    return true;
  }

  /** Writes the closed chunks as store() does, but synchronously, during the replay of the log. */
  storeNow(): void {
    this.#storeRows(Infinity);
  }

  /**
   * Writes chunks to a file and returns their locations. Returns undefined if the chunks stay in memory because of an
   * error. If `mayWait` is false, the chunks also stay in memory if older files must be synced first, because that sync
   * would block the event loop; files.settle() does it without blocking.
   */
  storeAtOnce(
    ids: readonly ChunkId[],
    writes: readonly ChunkToWrite[],
    mayWait: boolean,
  ): readonly StoredPlace[] | undefined {
    const bytes = writes.reduce((sum, { size }) => sum + size + ENTRY_ROOM_BYTES, 0);
    return mayWait || this.files.isReadyFor(bytes) ? this.#write(ids, writes) : undefined;
  }

  /**
   * Removes the chunk files whose samples are all before `minTime`. Deletes each file when no reader can reach it any
   * more.
   */
  async truncate(minTime: number): Promise<void> {
    const { outOfOrder, memory } = this.#head;
    const { newest, written } = this.files;
    let keepFrom = await runStepByStep(outOfOrder.oldestFile());
    // Keeps the files that were written while oldestFile() ran: out-of-order chunks of that time are in the file
    // `newest` or a later one.
    if (this.files.written > written) keepFrom = Math.min(keepFrom, newest);
    for (const file of this.files.truncate(minTime, keepFrom)) memory.reclaimer.retire(this.#remove, file, 0);
  }

  readonly #remove = (file: number): void => void this.files.remove(file);

  /** Stores the chunks of the next `count` series in the list. Chunks that could not be written stay in the list. */
  #storeRows(count: number): boolean {
    const { chunks } = this.#head.memory;
    const isWritten = this.#storeUpTo(Math.min(chunks.unstored.length, this.#done + count));
    if (this.#done * 2 >= chunks.unstored.length) {
      chunks.unstored = chunks.unstored.slice(this.#done);
      this.#done = 0;
    }
    return isWritten;
  }

  /** Stores the chunks of the rows up to an index of the list. Returns false if some chunks could not be written. */
  #storeUpTo(end: number): boolean {
    const rows = this.#head.memory.chunks.unstored;
    // The set skips repeated rows. A row is on the list twice if its chunks were removed before they were stored, and
    // new chunks were added later.
    const gathered = new Set<SeriesRow>();
    let ids: ChunkId[] = [];
    let writes: ChunkToWrite[] = [];
    for (let i = this.#done; i < end; i++) {
      const row = rows[i]!;
      if (!gathered.has(row)) this.#gather(row, ids, writes);
      gathered.add(row);
      // Writes chunks in small batches. The objects of larger batches would survive garbage collections and make the
      // heap grow.
      if (ids.length < CHUNKS_PER_WRITE && i < end - 1) continue;
      if (ids.length > 0 && this.#write(ids, writes) === undefined) return false;
      this.#done = i + 1;
      gathered.clear();
      ids = [];
      writes = [];
    }
    return true;
  }

  /** Collects the chunks of a series that are only in memory, oldest first, which is the order that files require. */
  #gather(row: SeriesRow, ids: ChunkId[], writes: ChunkToWrite[]): void {
    const { series, chunks } = this.#head.memory;
    if (series.at.ref[row] === 0) return;
    const first = series.at.firstChunk[row]!;
    const begin = ids.length;
    for (let id = series.at.lastChunk[row]!; id !== 0 && chunks.fileOf(id) === 0; id = chunks.previous[id]!) {
      ids.push(id);
      if (id === first) break;
    }
    if (ids.length - begin > 1) for (const item of ids.splice(begin).reverse()) ids.push(item);
    for (const id of ids.slice(begin)) writes.push(chunkToWrite(this.#head.memory, row, id, false));
  }

  #write(ids: readonly ChunkId[], writes: readonly ChunkToWrite[]): readonly StoredPlace[] | undefined {
    try {
      const places = this.files.write(writes);
      this.#writing.succeeded();
      this.#head.memory.beginChange();
      for (const [i, id] of ids.entries()) this.#head.memory.chunks.store(id, places[i]!.file, places[i]!.offset);
      this.#head.memory.endChange();
      return places;
    } catch (cause) {
      this.#writing.failed(cause instanceof Error ? cause.message : String(cause));
      return undefined;
    }
  }
}
