import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { type Files, readFully } from "../files.ts";
import {
  CHECKSUM_BYTES,
  damageOf,
  entryBytesBefore,
  damagedWhileRunning,
  HeadChunkDamage,
  headChunkFileName,
} from "../head/chunk-files/head-chunk-file.ts";
import { copyBytes } from "../block/copy-bytes.ts";

const WINDOW_BYTES = 1 << 20;
/**
 * Largest gap in bytes between two chunks that one read still fetches together, because reading the gap costs less than
 * a second read call.
 */
const MAX_GAP_BYTES = 8 * 1024;
/**
 * Upper limit of a chunk's number. Below this limit, one double can hold both a chunk's file position and its number.
 */
const MAX_CHUNKS = 2 ** 25;

/**
 * The chunks to read, as columns: position in the file, size, and position in the target buffer. The index is the
 * chunk's number.
 */
export interface WantedChunks {
  readonly offset: Uint32Array;
  readonly size: Uint32Array;
  readonly start: Uint32Array;
}

interface OpenFile {
  readonly index: number;
  readonly handle: number;
  readonly path: string;
}

/**
 * Reads many chunks of the head's chunk files (chunks_head), in the order of each file. One read fetches neighbouring
 * chunks.
 */
export class ChunkRuns {
  readonly #dir: string;
  readonly #files: Files;
  #window = new Uint8Array(WINDOW_BYTES);
  #view = new DataView(this.#window.buffer);
  #keys = new Float64Array(1024);

  constructor(dir: string, files: Files) {
    this.#dir = dir;
    this.#files = files;
  }

  /**
   * Reads the chunks `ids` of one file into `into`. Sorts `ids` by position in the file. Throws the system's error, and
   * HeadChunkDamage.
   */
  read(file: number, ids: Uint32Array, wanted: WantedChunks, into: Uint8Array): void {
    this.#sort(ids, wanted);
    const path = join(this.#dir, headChunkFileName(file));
    try {
      const handle = this.#files.open(path, "r");
      try {
        for (let i = 0; i < ids.length;) {
          const end = this.#endOfRun(ids, i, wanted);
          this.#readEach({ index: file, handle, path }, ids.subarray(i, end), wanted, into);
          i = end;
        }
      } finally {
        this.#files.close(handle);
      }
    } catch (cause) {
      throw damageOf(cause, file) ?? cause;
    }
  }

  /**
   * Reads neighbouring chunks with one read. If the read fails, reads each chunk alone, because the damage may be in
   * the bytes between the chunks.
   */
  #readEach(file: OpenFile, run: Uint32Array, wanted: WantedChunks, into: Uint8Array): void {
    try {
      this.#readRun(file, run, wanted, into);
    } catch (cause) {
      if (damageOf(cause) === undefined || run.length === 1) throw cause;
      for (let i = 0; i < run.length; i++) this.#readRun(file, run.subarray(i, i + 1), wanted, into);
    }
  }

  /**
   * Sorts chunk numbers by the position of their chunks in the file. Each double that is sorted contains position and
   * number, which makes a comparison callback unnecessary.
   */
  #sort(ids: Uint32Array, { offset }: WantedChunks): void {
    if (this.#keys.length < ids.length) this.#keys = new Float64Array(ids.length * 2);
    const keys = this.#keys.subarray(0, ids.length);
    for (let i = 0; i < ids.length; i++) keys[i] = offset[ids[i]!]! * MAX_CHUNKS + ids[i]!;
    keys.sort();
    for (let i = 0; i < ids.length; i++) ids[i] = keys[i]! - Math.floor(keys[i]! / MAX_CHUNKS) * MAX_CHUNKS;
  }

  #endOfRun(ids: Uint32Array, from: number, { offset, size }: WantedChunks): number {
    const first = ids[from]!;
    const start = offset[first]! - entryBytesBefore(size[first]!);
    let end = endOf(offset[first]!, size[first]!);
    let i = from + 1;
    for (; i < ids.length; i++) {
      const id = ids[i]!;
      const next = endOf(offset[id]!, size[id]!);
      if (offset[id]! - end > MAX_GAP_BYTES || next - start > WINDOW_BYTES) break;
      end = next;
    }
    return i;
  }

  #readRun(file: OpenFile, run: Uint32Array, wanted: WantedChunks, into: Uint8Array): void {
    const { offset, size, start } = wanted;
    const first = run[0]!;
    const last = run[run.length - 1]!;
    const base = offset[first]! - entryBytesBefore(size[first]!);
    this.#fill(file, base, endOf(offset[last]!, size[last]!) - base);
    const window = this.#window;
    for (const id of run) {
      const at = offset[id]! - base;
      const end = at + size[id]!;
      const entry = at - entryBytesBefore(size[id]!);
      if (crc32c(window, entry, end) !== this.#view.getUint32(end)) {
        throw damagedWhileRunning(base + entry, file.path, file.index);
      }
      copyBytes(window, at, end, into, start[id]!);
    }
  }

  #fill({ index, handle, path }: OpenFile, position: number, length: number): void {
    if (length > this.#window.length) {
      this.#window = new Uint8Array(length);
      this.#view = new DataView(this.#window.buffer);
    }
    if (readFully(this.#files, handle, this.#window.subarray(0, length), position) < length) {
      throw new HeadChunkDamage(`${path} ends before one of its chunks`, index);
    }
  }
}

const endOf = (offset: number, size: number): number => offset + size + CHECKSUM_BYTES;
