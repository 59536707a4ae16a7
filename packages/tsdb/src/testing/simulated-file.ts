/** Number of bytes of a page, the unit in which the system writes a file to the disk. */
const CACHE_PAGE_BYTES = 4096;
/** Number of bytes of a sector, which a disk writes completely or not at all. */
const SECTOR_BYTES = 512;

/** A sync in progress: the pages that are written to the disk, with their content at the start of the sync. */
export interface Flush {
  readonly size: number;
  readonly lowSize: number;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/**
 * A simulated file with two contents: the page cache, which processes read and write, and the disk, which remains after
 * a power cut.
 */
export class SimulatedFile {
  size = 0;
  /** Whether a bit was ever flipped. */
  isFlipped = false;
  #data = new Uint8Array(CACHE_PAGE_BYTES);
  #durable = new Uint8Array(0);
  #durableSize = 0;
  #dirty = new Set<number>();
  /** Smallest size since the last sync. After this size, the disk has no old data. */
  #lowSize = 0;
  /** Syncs in progress, including syncs of killed processes. */
  readonly #flushes = new Set<Flush>();
  /** Failed syncs of the running process without a later successful sync. */
  #failed: Flush[] = [];

  /** Returns a file with the same content, all of it synced. */
  copy(): SimulatedFile {
    const file = new SimulatedFile();
    file.#data = this.#data.slice();
    file.#durable = this.#data.slice(0, this.size);
    file.size = file.#durableSize = file.#lowSize = this.size;
    return file;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    this.#data = grown(this.#data, end);
    this.#data.set(bytes, position);
    this.size = Math.max(this.size, end);
    const first = Math.floor(position / CACHE_PAGE_BYTES);
    for (let page = first; page * CACHE_PAGE_BYTES < end; page++) this.#dirty.add(page);
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.size - position));
    into.set(this.#data.subarray(position, position + count));
    return count;
  }

  truncate(size: number): void {
    this.#data = grown(this.#data, size);
    this.#data.fill(0, Math.min(size, this.size), this.#data.length);
    this.size = size;
    this.#lowSize = Math.min(this.#lowSize, size);
    if (size % CACHE_PAGE_BYTES > 0) this.#dirty.add(Math.floor(size / CACHE_PAGE_BYTES));
  }

  /** Begins a sync and returns its pages. The sync also covers the pages of earlier syncs in progress. */
  beginSync(): Flush {
    this.#markDirty(this.#flushes);
    const pages = new Map<number, Uint8Array>();
    for (const page of this.#dirty) {
      const start = page * CACHE_PAGE_BYTES;
      if (start < this.size) pages.set(page, this.#data.slice(start, Math.min(this.size, start + CACHE_PAGE_BYTES)));
    }
    const flush = { size: this.size, lowSize: this.#lowSize, pages };
    this.#dirty = new Set();
    this.#lowSize = this.size;
    this.#flushes.add(flush);
    return flush;
  }

  endSync(flush: Flush): void {
    if (!this.#flushes.has(flush)) return;
    this.#failed = [];
    // Drops the same pages from syncs that began earlier, because their older content must not replace the new content.
    for (const earlier of this.#flushes) {
      this.#flushes.delete(earlier);
      if (earlier === flush) break;
    }
    this.#apply(flush, () => CACHE_PAGE_BYTES);
  }

  /**
   * Ends a failed sync as Linux does: the pages count as clean, although they never reached the disk. `reached` decides
   * for each page whether it reached the disk in spite of the failure.
   */
  failSync(flush: Flush, reached?: () => boolean): void {
    if (!this.#flushes.delete(flush)) return;
    this.#failed.push(flush);
    if (reached === undefined) return;
    this.#apply(flush, () => (reached() ? CACHE_PAGE_BYTES : 0));
  }

  /**
   * Ends the process. The next sync writes the pages of its failed syncs, because only the process that saw the failure
   * writes these pages again.
   */
  kill(): void {
    this.#markDirty(this.#failed);
    this.#failed = [];
  }

  /**
   * Simulates a power cut: keeps the synced content, and a random part of the unsynced content, which the system may
   * have written.
   */
  powerCut(random: () => number): void {
    const pending = [...this.#flushes];
    for (const flush of [...pending, this.beginSync()]) this.#lose(flush, random);
    this.#flushes.clear();
    this.#failed = [];
    this.#data = this.#durable.slice(0, Math.max(this.#durableSize, CACHE_PAGE_BYTES));
    this.size = this.#durableSize;
    this.#lowSize = this.size;
  }

  /** Flips one bit. The bit stays wrong until its byte is overwritten. */
  flip(bit: number): void {
    this.isFlipped = true;
    this.#data[bit >> 3]! ^= 1 << (bit & 7);
    if (bit >> 3 < this.#durableSize) this.#durable[bit >> 3]! ^= 1 << (bit & 7);
  }

  #markDirty(flushes: Iterable<Flush>): void {
    for (const { pages, lowSize } of flushes) {
      for (const page of pages.keys()) this.#dirty.add(page);
      this.#lowSize = Math.min(this.#lowSize, lowSize);
    }
  }

  #lose(flush: Flush, random: () => number): void {
    const mode = random();
    if (mode < 0.3) return;
    if (mode < 0.45) this.#apply(flush, () => CACHE_PAGE_BYTES);
    else if (mode < 0.75) this.#applyInOrder(flush, random);
    else {
      // Writes the pages in any order. Each page is written completely, not at all, or with its first sectors only.
      this.#apply(flush, () => (random() < 0.4 ? CACHE_PAGE_BYTES : random() < 0.5 ? 0 : sectors(random)));
    }
  }

  /**
   * Writes the first pages to the disk and cuts off the last of these pages at any byte. This simulates an append in a
   * file system that writes sizes after data.
   */
  #applyInOrder(flush: Flush, random: () => number): void {
    const cut = this.#durableSize + Math.floor(random() * Math.max(0, flush.size - this.#durableSize + 1));
    const size = flush.size > this.#durableSize ? cut : flush.size;
    this.#apply({ ...flush, size }, (page) => Math.max(0, Math.min(CACHE_PAGE_BYTES, size - page * CACHE_PAGE_BYTES)));
  }

  #apply(flush: Flush, bytesOf: (page: number) => number): void {
    this.#durable = grown(this.#durable, flush.size);
    if (flush.lowSize < this.#durableSize) this.#durable.fill(0, flush.lowSize);
    for (const [page, bytes] of flush.pages) {
      const start = page * CACHE_PAGE_BYTES;
      const kept = bytes.subarray(0, Math.max(0, Math.min(bytesOf(page), flush.size - start)));
      if (kept.length > 0) this.#durable.set(kept, start);
    }
    this.#durable.fill(0, flush.size);
    this.#durableSize = flush.size;
  }
}

const sectors = (random: () => number): number =>
  SECTOR_BYTES * Math.floor(random() * (CACHE_PAGE_BYTES / SECTOR_BYTES));

function grown(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  if (size <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(size, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
