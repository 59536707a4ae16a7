import type { Files } from "../files.ts";
import { BlockError } from "./block-error.ts";

const PAGE_BITS = 15;
const PAGE_BYTES = 1 << PAGE_BITS;
const DEFAULT_BUDGET_BYTES = 32 * 1024 * 1024;
/** Pages of a file are numbered below this: files of half a terabyte. */
const MAX_PAGES = 2 ** 24;

interface Page {
  readonly bytes: Buffer;
  used: boolean;
}

/** Pages of files that were read lately; all open blocks of a thread may share one. */
export class PageCache {
  readonly #maxPages: number;
  /** The oldest first, but for those that had a second chance. */
  readonly #pages = new Map<number, Page>();
  #files = 0;

  constructor(budgetBytes: number = DEFAULT_BUDGET_BYTES) {
    this.#maxPages = Math.max(2, Math.floor(budgetBytes / PAGE_BYTES));
  }

  /** Keys of a file's pages begin here. */
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

  /** Forgets a file's pages. */
  release(claim: number): void {
    for (const key of this.#pages.keys()) if (key >= claim && key < claim + MAX_PAGES) this.#pages.delete(key);
  }
}

/** A file that is read in pieces, through pages that are kept while there is room. */
export class PagedFile {
  readonly path: string;
  readonly size: number;
  /** What view() was asked for begins at bytes[at]; good until the next call. */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  readonly #files: Files;
  readonly #file: number;
  readonly #cache: PageCache;
  readonly #claim: number;
  #last: Buffer = Buffer.alloc(0);
  #lastPage = -1;
  #crossing = Buffer.allocUnsafeSlow(1024);

  constructor(path: string, files: Files, cache: PageCache) {
    this.path = path;
    this.size = files.stat(path).size;
    this.#files = files;
    this.#file = files.open(path, "r");
    this.#cache = cache;
    this.#claim = cache.claim();
  }

  fail(offset: number, reason: string): never {
    throw new BlockError(this.path, offset, reason);
  }

  /** Makes [offset, offset + length) readable at bytes[at…]. Throws BlockError where the file does not reach. */
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

  /** As view(), for what may end before `length` at the file's end. Returns how much there is. */
  viewUpTo(offset: number, length: number): number {
    const count = Math.min(length, this.size - offset);
    this.view(offset, count);
    return count;
  }

  /** Fills `into` past the cache. Throws BlockError where the file does not reach. */
  readInto(into: Uint8Array, offset: number): void {
    this.#mustHold(offset, into.length);
    for (let filled = 0; filled < into.length;) {
      const came = this.#readSome(into.subarray(filled), offset + filled);
      if (came === 0) this.fail(offset + filled, `the file ends here and had ${this.size} bytes`);
      filled += came;
    }
  }

  close(): void {
    this.#cache.release(this.#claim);
    this.#files.close(this.#file);
  }

  #mustHold(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.size) return;
    this.fail(offset, `${length} bytes wanted, but the file has ${this.size}`);
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
      this.#cache.add(this.#claim + page, bytes);
    }
    this.#last = bytes;
    this.#lastPage = page;
    return bytes;
  }
}
