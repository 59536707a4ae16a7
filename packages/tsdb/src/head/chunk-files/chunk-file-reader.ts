import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { type Files, readFully } from "../../files.ts";
import {
  CHECKSUM_BYTES,
  damagedWhileRunning,
  damageOf,
  entryBytesBefore,
  HeadChunkDamage,
  headChunkFileName,
} from "./head-chunk-file.ts";

const PAGE_BITS = 16;
const PAGE_BYTES = 1 << PAGE_BITS;
/** Upper limit of the number of pages (64 KiB each) of a file. */
const PAGES_PER_FILE = 4096;
/** Largest number of cached pages (64 KiB each) per thread: 8 MiB. */
const MAX_PAGES = 128;
/**
 * Number of recent cache misses (page keys) that the reader remembers. If a remembered page is missed again, the reader
 * loads the whole page, otherwise only the chunk.
 */
const REMEMBERED_MISSES = 16;
/** Number of cache misses after which a page is also read completely, as long as the cache has room. */
const MANY_MISSES = 8;
/** Largest number of pages whose cache misses are counted. */
const COUNTED_PAGES = 4096;
const MAX_OPEN_FILES = 32;

/** Reads chunks from the head's chunk files (chunks_head) through a cache of pages. Each thread has its own reader. */
export class ChunkFileReader {
  readonly dir: string;
  readonly #files: Files;
  /** Cached pages by key, in the order in which they were added. */
  readonly #pages = new Map<number, Uint8Array>();
  readonly #open = new Map<number, number>();
  /**
   * Keys of the pages of the last cache misses. If the page of a chunk is in this list, the whole page is read and
   * cached; otherwise only the chunk is read. Reads in random order rarely find a key in the list.
   */
  readonly #missed = new Float64Array(REMEMBERED_MISSES).fill(-1);
  #nextMiss = 0;
  /** Number of cache misses of each page. */
  readonly #misses = new Map<number, number>();

  constructor(dir: string, files: Files) {
    this.dir = dir;
    this.#files = files;
  }

  /** Returns a copy of the chunk of `size` bytes at `offset`. Throws the system's error, and HeadChunkDamage. */
  read(file: number, offset: number, size: number): Uint8Array {
    try {
      return this.#checked(file, offset, size, (from, length) => this.#bytes(file, from, length));
    } catch (cause) {
      if (damageOf(cause, file) === undefined) throw cause;
      this.forget(file);
      return this.#readAgain(file, offset, size);
    }
  }

  /**
   * Reads only the chunk after the read of its whole page failed. The chunk may be intact: a read can fail once, or
   * another part of the page is damaged.
   */
  #readAgain(file: number, offset: number, size: number): Uint8Array {
    try {
      return this.#checked(file, offset, size, (from, length) => this.#alone(file, from, length));
    } catch (cause) {
      throw damageOf(cause, file) ?? cause;
    }
  }

  #checked(
    file: number,
    offset: number,
    size: number,
    bytes: (from: number, length: number) => Uint8Array,
  ): Uint8Array {
    const before = entryBytesBefore(size);
    const entry = bytes(offset - before, before + size + CHECKSUM_BYTES);
    const end = before + size;
    const expected = new DataView(entry.buffer, end, CHECKSUM_BYTES).getUint32(0);
    if (crc32c(entry, 0, end) !== expected) {
      throw damagedWhileRunning(offset - before, headChunkFileName(file), file);
    }
    return entry.subarray(before, end);
  }

  #bytes(file: number, offset: number, size: number): Uint8Array {
    if (this.#isScattered(file, offset, size)) return this.#alone(file, offset, size);
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size;) {
      const position = offset + done;
      const from = position & (PAGE_BYTES - 1);
      const page = this.#page(file, position >>> PAGE_BITS, Math.min(PAGE_BYTES, from + size - done));
      const part = page.subarray(from, from + size - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  #alone(file: number, offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    if (this.#fill(file, offset, bytes) < size) throw this.#tooShort(file);
    return bytes;
  }

  /** Removes the cached pages of a file that will be deleted, or that was read incorrectly. */
  forget(file: number): void {
    const open = this.#open.get(file);
    if (open !== undefined) this.#files.close(open);
    this.#open.delete(file);
    for (const key of this.#pages.keys()) if (Math.floor(key / PAGES_PER_FILE) === file) this.#pages.delete(key);
  }

  /** Closes the files, but keeps the cached pages. */
  close(): void {
    for (const open of this.#open.values()) this.#files.close(open);
    this.#open.clear();
  }

  /**
   * Returns whether to read only the chunk instead of its page. This is the case if the page is not cached and was not
   * missed recently or often.
   */
  #isScattered(file: number, offset: number, size: number): boolean {
    const key = file * PAGES_PER_FILE + (offset >>> PAGE_BITS);
    const page = this.#pages.get(key);
    if (page !== undefined && (offset & (PAGE_BYTES - 1)) + size <= page.length) return false;
    if (this.#missed.includes(key) || this.#isWanted(key)) return false;
    this.#missed[this.#nextMiss] = key;
    this.#nextMiss = (this.#nextMiss + 1) % REMEMBERED_MISSES;
    return true;
  }

  /**
   * Counts a cache miss of a page, and returns whether the page was missed often enough to be cached. Queries that read
   * series in another order than the file need the same page many times. Caching helps only while all such pages fit
   * into the cache.
   */
  #isWanted(key: number): boolean {
    if (this.#pages.size >= MAX_PAGES) return false;
    const misses = (this.#misses.get(key) ?? 0) + 1;
    if (this.#misses.size >= COUNTED_PAGES) this.#misses.clear();
    this.#misses.set(key, misses);
    return misses > MANY_MISSES;
  }

  /** Reads from `position` until the buffer is full or the file ends. Returns the number of bytes. */
  #fill(file: number, position: number, buffer: Uint8Array): number {
    return readFully(this.#files, this.#fileOf(file), buffer, position);
  }

  #tooShort(file: number): HeadChunkDamage {
    return new HeadChunkDamage(`${join(this.dir, headChunkFileName(file))} ends before one of its chunks`, file);
  }

  /**
   * Returns a page with at least its first `needed` bytes. If the file has grown and the cached page has fewer bytes,
   * the page is read again.
   */
  #page(file: number, index: number, needed: number): Uint8Array {
    const key = file * PAGES_PER_FILE + index;
    const known = this.#pages.get(key);
    if (known !== undefined && known.length >= needed) return known;
    const buffer = new Uint8Array(PAGE_BYTES);
    const filled = this.#fill(file, index * PAGE_BYTES, buffer);
    if (filled < needed) throw this.#tooShort(file);
    const page = buffer.subarray(0, filled);
    if (this.#pages.size >= MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value!);
    this.#pages.set(key, page);
    this.#misses.delete(key);
    return page;
  }

  #fileOf(file: number): number {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    if (this.#open.size >= MAX_OPEN_FILES) {
      const [oldest, open] = this.#open.entries().next().value!;
      this.#files.close(open);
      this.#open.delete(oldest);
    }
    const opened = this.#files.open(join(this.dir, headChunkFileName(file)), "r");
    this.#open.set(file, opened);
    return opened;
  }
}
