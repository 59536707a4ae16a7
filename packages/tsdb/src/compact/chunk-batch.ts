import type { Files } from "../files.ts";
import type { ChunkId, ChunkTable } from "../head/memory/chunk-table.ts";
import type { DeletedInterval } from "../chunk/deleted-interval.ts";
import { copyBytes } from "../block/copy-bytes.ts";
import { ChunkRuns } from "./chunk-runs.ts";

/** Size in bytes at which a batch of chunks is full. A batch is also full when it has ENOUGH_CHUNKS chunks. */
const ENOUGH_BYTES = 32 * 1024 * 1024;
/** Additional buffer space in bytes, because the last series of a batch may exceed ENOUGH_BYTES. */
const SLACK_BYTES = 1024 * 1024;
const ENOUGH_CHUNKS = 1 << 18;
/** Number of chunks for which a new batch has room. The room doubles when more chunks are added. */
const FIRST_CHUNKS = 4096;

/**
 * State of a batch before a read of the head. If a commit changes the head during the read, the batch returns to this
 * state and the read is repeated.
 */
export interface BatchMark {
  readonly series: number;
  readonly chunks: number;
  readonly bytes: number;
}

/**
 * The chunks of some series of a head, which are written to a block. Chunks are added series by series. Then load()
 * reads the chunks that are in files, in the order of the files. Later batches reuse the memory.
 */
export class ChunkBatch {
  series = 0;
  /** Number of chunks in the batch up to the end of each series. */
  seriesEnd = new Uint32Array(1024);
  minTime = new Float64Array(FIRST_CHUNKS);
  maxTime = new Float64Array(FIRST_CHUNKS);
  encoding = new Uint8Array(FIRST_CHUNKS);
  size = new Uint32Array(FIRST_CHUNKS);
  /** Position of each chunk in `bytes`. */
  start = new Uint32Array(FIRST_CHUNKS);
  bytes = new Uint8Array(1 << 20);
  /**
   * Deleted time intervals of series, by the number of the series in the batch. Series without deletions are left out.
   */
  readonly deleted = new Map<number, readonly DeletedInterval[]>();
  readonly #runs: ChunkRuns;
  /** Ids of the chunks that load() must read. The id is 0 for a chunk whose bytes copy() has already copied. */
  #id = new Uint32Array(FIRST_CHUNKS);
  #file = new Uint32Array(FIRST_CHUNKS);
  #offset = new Uint32Array(FIRST_CHUNKS);
  #chunks = 0;
  #used = 0;

  constructor(chunksDir: string, files: Files) {
    this.#runs = new ChunkRuns(chunksDir, files);
  }

  get isFull(): boolean {
    return this.#used >= ENOUGH_BYTES || this.#chunks >= ENOUGH_CHUNKS;
  }

  reset(): void {
    this.backTo({ series: 0, chunks: 0, bytes: 0 });
  }

  mark(): BatchMark {
    return { series: this.series, chunks: this.#chunks, bytes: this.#used };
  }

  /** Removes everything that was added to the batch since the mark. */
  backTo({ series, chunks, bytes }: BatchMark): void {
    this.series = series;
    this.#chunks = chunks;
    this.#used = bytes;
    if (this.deleted.size === 0) return;
    for (const known of this.deleted.keys()) if (known >= series) this.deleted.delete(known);
  }

  /** Adds a closed chunk of the current series without its bytes. load() reads the bytes later. */
  note(id: ChunkId, { minTime, maxTime, encoding, size }: ChunkTable): void {
    const i = this.#add(minTime[id]!, maxTime[id]!, encoding[id]!, size[id]!);
    this.#id[i] = id;
  }

  /** Adds a chunk of the current series and copies its bytes. */
  copy(from: Uint8Array, start: number, size: number, encoding: number, minTime: number, maxTime: number): void {
    const i = this.#add(minTime, maxTime, encoding, size);
    this.#id[i] = 0;
    copyBytes(from, start, start + size, this.bytes, this.start[i]!);
  }

  endSeries(deleted: readonly DeletedInterval[] | undefined): void {
    if (deleted !== undefined) this.deleted.set(this.series, deleted);
    if (this.series === this.seriesEnd.length) this.seriesEnd = doubled(this.seriesEnd);
    this.seriesEnd[this.series++] = this.#chunks;
  }

  /**
   * Reads the bytes of the closed chunks. The head's memory must be pinned during the call, because otherwise a chunk
   * may be freed. Throws the system's error, and HeadChunkDamage.
   */
  load(chunks: ChunkTable): void {
    const stored = new Set<number>();
    for (let i = 0; i < this.#chunks; i++) {
      const id = this.#id[i]!;
      this.#file[i] = 0;
      if (id === 0) continue;
      const file = chunks.fileOf(id);
      if (file === 0) {
        chunks.withBytes(id, (bytes, start) =>
          copyBytes(bytes, start, start + this.size[i]!, this.bytes, this.start[i]!),
        );
        continue;
      }
      stored.add(file);
      this.#file[i] = file;
      this.#offset[i] = chunks.offsetOf(id);
    }
    const wanted = { offset: this.#offset, size: this.size, start: this.start };
    const ids = new Uint32Array(this.#chunks);
    for (const file of [...stored].sort((a, b) => a - b)) {
      let count = 0;
      for (let i = 0; i < this.#chunks; i++) if (this.#file[i] === file) ids[count++] = i;
      this.#runs.read(file, ids.subarray(0, count), wanted, this.bytes);
    }
  }

  #add(minTime: number, maxTime: number, encoding: number, size: number): number {
    const i = this.#chunks++;
    if (i === this.size.length) this.#growColumns();
    if (this.#used + size > this.bytes.length) this.#growBytes(size);
    this.minTime[i] = minTime;
    this.maxTime[i] = maxTime;
    this.encoding[i] = encoding;
    this.size[i] = size;
    this.start[i] = this.#used;
    this.#used += size;
    return i;
  }

  #growBytes(size: number): void {
    const ahead = Math.min(this.bytes.length * 2, ENOUGH_BYTES + SLACK_BYTES);
    const bytes = new Uint8Array(Math.max((this.#used + size) * 1.1, ahead));
    bytes.set(this.bytes.subarray(0, this.#used));
    this.bytes = bytes;
  }

  #growColumns(): void {
    this.minTime = doubled(this.minTime);
    this.maxTime = doubled(this.maxTime);
    this.encoding = doubled(this.encoding);
    this.size = doubled(this.size);
    this.start = doubled(this.start);
    this.#id = doubled(this.#id);
    this.#file = doubled(this.#file);
    this.#offset = doubled(this.#offset);
  }
}

function doubled<T extends Uint8Array | Uint32Array | Float64Array>(from: T): T {
  const to = new (from.constructor as new (length: number) => T)(from.length * 2);
  to.set(from);
  return to;
}
