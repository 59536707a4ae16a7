import { crc32c } from "@narthex/bytes";
import type { Files } from "../files.ts";
import { BlockError } from "./block-error.ts";
import { FrameCache } from "./frame-cache.ts";

const PAGE_BITS = 15;
const PAGE_BYTES = 1 << PAGE_BITS;
/** Number of pages (a quarter of a megabyte) whose checksums are computed between two yields to other work. */
const PAGES_PER_STEP = 8;
const DEFAULT_BUDGET_BYTES = 32 * 1024 * 1024;
/** Largest number of pages of a file. The pages are 32 KiB long, so a file may have half a terabyte. */
const MAX_PAGES = 2 ** 24;

interface Page {
  readonly bytes: Buffer;
  used: boolean;
}

/** Cache of recently read pages (parts of files). All open blocks of a thread can share one cache. */
export class PageCache {
  /** Decompressed frames of columnar blocks. The frames may take at most half of the bytes that the pages may take. */
  readonly frames: FrameCache;
  readonly #maxPages: number;
  /**
   * Cached pages by key, the oldest first. A page that was used since its last move gets a second chance: it is moved
   * to the end instead of being evicted.
   */
  readonly #pages = new Map<number, Page>();
  #files = 0;

  constructor(budgetBytes: number = DEFAULT_BUDGET_BYTES) {
    this.frames = new FrameCache(budgetBytes / 2);
    this.#maxPages = Math.max(2, Math.floor(budgetBytes / PAGE_BYTES));
  }

  /** Reserves a range of cache keys for the pages of a new file. Returns the key of its first page. */
  claim(): number {
    return this.#files++ * MAX_PAGES;
  }

  get(key: number): Buffer | undefined {
    const page = this.#pages.get(key);
    if (page === undefined) return undefined;
    page.used = true;
    return page.bytes;
  }

  add(key: number, bytes: Buffer): void {
    for (const [oldest, page] of this.#pages) {
      if (this.#pages.size < this.#maxPages) break;
      this.#pages.delete(oldest);
      if (!page.used) continue;
      page.used = false;
      this.#pages.set(oldest, page);
    }
    this.#pages.set(key, { bytes, used: false });
  }

  release(claim: number): void {
    for (const key of this.#pages.keys()) if (key >= claim && key < claim + MAX_PAGES) this.#pages.delete(key);
  }
}

/**
 * A part of a file, bytes [start, end), whose checksum was correct. `sums[i]` is the checksum from `start` to the end
 * of page number i of the part (at most to `end`).
 */
export interface Guard {
  readonly start: number;
  readonly end: number;
  readonly sums: Uint32Array<ArrayBuffer>;
}

/**
 * A file that is read in pages through a cache. After an error the cached pages of the file are dropped, so that the
 * next read uses the disk.
 */
export class PagedFile {
  readonly path: string;
  readonly size: number;
  /**
   * Buffer in which view() makes a range readable. The range begins at index `at` and is valid until the next call of
   * view().
   */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  readonly #files: Files;
  readonly #file: number;
  readonly #cache: PageCache;
  readonly #claim: number;
  #last: Buffer = Buffer.alloc(0);
  #lastPage = -1;
  #crossing = Buffer.allocUnsafeSlow(1024);
  /** Parts of the file whose checksums were verified. */
  readonly guards: Guard[];

  /** @param guards parts of this file whose checksums another thread has checked with guard() */
  constructor(path: string, files: Files, cache: PageCache, guards: readonly Guard[] = []) {
    this.guards = [...guards];
    this.path = path;
    this.size = files.stat(path).size;
    this.#files = files;
    this.#file = files.open(path, "r");
    this.#cache = cache;
    this.#claim = cache.claim();
  }

  fail(offset: number, reason: string): never {
    this.#cache.release(this.#claim);
    this.#lastPage = -1;
    throw new BlockError(this.path, offset, reason);
  }

  /**
   * Makes the bytes [offset, offset + length) of the file readable in `bytes`, from index `at` on. Throws BlockError if
   * the file is too short.
   */
  view(offset: number, length: number): void {
    this.#mustHold(offset, length);
    const page = Math.floor(offset / PAGE_BYTES);
    const at = offset - page * PAGE_BYTES;
    if (at + length <= PAGE_BYTES) {
      this.bytes = page === this.#lastPage ? this.#last : this.#page(page);
      this.at = at;
      return;
    }
    if (length > this.#crossing.length) this.#crossing = Buffer.allocUnsafeSlow(length * 2);
    for (let filled = 0; filled < length;) {
      const from = offset + filled;
      const bytes = this.#page(Math.floor(from / PAGE_BYTES));
      const start = from % PAGE_BYTES;
      filled += bytes.copy(this.#crossing, filled, start, Math.min(bytes.length, start + length - filled));
    }
    this.bytes = this.#crossing;
    this.at = 0;
  }

  /**
   * Makes a range readable as view() does. The range may reach beyond the file's end. Returns the number of available
   * bytes.
   */
  viewUpTo(offset: number, length: number): number {
    const count = Math.min(length, this.size - offset);
    this.view(offset, count);
    return count;
  }

  /** Fills `into` from the file without the cache. Throws BlockError if the file is too short. */
  readInto(into: Uint8Array, offset: number): void {
    this.#mustHold(offset, into.length);
    for (let filled = 0; filled < into.length;) {
      const came = this.#readSome(into.subarray(filled), offset + filled);
      if (came === 0)
        this.fail(offset + filled, `the file now ends here, but had ${this.size} bytes when it was opened`);
      filled += came;
    }
  }

  /** Fills `into` through the cached pages. Throws BlockError if the file is too short. */
  copyInto(into: Uint8Array, offset: number): void {
    this.#mustHold(offset, into.length);
    for (let filled = 0; filled < into.length;) {
      const from = offset + filled;
      const start = from % PAGE_BYTES;
      const part = this.#page(Math.floor(from / PAGE_BYTES)).subarray(start, start + into.length - filled);
      into.set(part, filled);
      filled += part.length;
    }
  }

  /**
   * Verifies the bytes [start, end) against a checksum that the file contains. Later, each page of this range is
   * verified whenever it is read from the disk again. Throws BlockError.
   */
  *guard(start: number, end: number, expected: number): Generator<undefined, void> {
    const sums = yield* this.#sums(start, end);
    const found = sums.at(-1) ?? 0;
    if (found !== expected) this.failChecksum(end, expected, found);
    this.guards.push({ start, end, sums });
  }

  failChecksum(offset: number, stored: number, found: number): never {
    this.fail(offset, `checksum ${stored.toString(16)}, but the content has ${found.toString(16)}`);
  }

  close(): void {
    this.#cache.release(this.#claim);
    this.#files.close(this.#file);
  }

  *#sums(start: number, end: number): Generator<undefined, Uint32Array<ArrayBuffer>> {
    const first = Math.floor(start / PAGE_BYTES);
    const sums = new Uint32Array(Math.ceil(end / PAGE_BYTES) - first);
    let sum = 0;
    for (let i = 0; i < sums.length; i++) {
      sum = sumWithin(this.#page(first + i), first + i, start, end, sum);
      sums[i] = sum;
      if (i % PAGES_PER_STEP === PAGES_PER_STEP - 1) yield;
    }
    return sums;
  }

  #isAsGuarded(page: number, bytes: Buffer): boolean {
    for (const { start, end, sums } of this.guards) {
      const i = page - Math.floor(start / PAGE_BYTES);
      if (i < 0 || i >= sums.length) continue;
      if (sumWithin(bytes, page, start, end, i === 0 ? 0 : sums[i - 1]!) !== sums[i]) return false;
    }
    return true;
  }

  #mustHold(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    this.fail(offset, `${length} bytes are needed here, but the file has ${this.size}`);
  }

  #readSome(into: Uint8Array, offset: number): number {
    try {
      return this.#files.read(this.#file, into, offset);
    } catch (cause) {
      throw new BlockError(this.path, offset, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #page(page: number): Buffer {
    let bytes = this.#cache.get(this.#claim + page);
    if (bytes === undefined) {
      const start = page * PAGE_BYTES;
      bytes = Buffer.allocUnsafeSlow(Math.min(PAGE_BYTES, this.size - start));
      this.readInto(bytes, start);
      if (!this.#isAsGuarded(page, bytes)) this.fail(start, "the content has changed since the file was opened");
      this.#cache.add(this.#claim + page, bytes);
    }
    this.#last = bytes;
    this.#lastPage = page;
    return bytes;
  }
}

/**
 * Extends the checksum `sum` of a file's range [start, end) by the bytes of this range that are in page number `page`.
 */
function sumWithin(bytes: Buffer, page: number, start: number, end: number, sum: number): number {
  const base = page * PAGE_BYTES;
  return crc32c(bytes, Math.max(start - base, 0), Math.min(end - base, bytes.length), sum);
}
