import { systemError } from "./system-error.ts";

/** How often each operation fails, 0 to 1. */
export interface FaultRates {
  /** A write takes only a part of the bytes. */
  readonly shortWrite: number;
  readonly write: number;
  readonly sync: number;
  readonly read: number;
  /** A bit goes wrong on the disk before a read. */
  readonly flip: number;
  /** A sector goes wrong on its way from the disk; the next reads are right. */
  readonly misread: number;
  readonly rename: number;
  readonly truncate: number;
  readonly open: number;
  readonly remove: number;
  /** A read returns only a part of the bytes. */
  readonly shortRead: number;
  /** A thread ends before a change of its own. */
  readonly thread: number;
}

export const NO_FAULTS: FaultRates = {
  shortWrite: 0,
  write: 0,
  sync: 0,
  read: 0,
  flip: 0,
  misread: 0,
  rename: 0,
  truncate: 0,
  open: 0,
  remove: 0,
  shortRead: 0,
  thread: 0,
};

/** Two misreads in a row look like damage. */
const RIGHT_READS_AFTER_MISREAD = 100;
/** Share of reads from a file that is being made which come wrong, where there are misreads at all. */
const MISREAD_DRAFTS = 0.2;

/** Which operations fail: drawn from a seed at the given rates, and all that need room while the disk is full. */
export class DiskFaults {
  rates: FaultRates = NO_FAULTS;
  /** Bytes that still fit. */
  room = Infinity;
  /** How often each fault struck. */
  readonly struck: Record<keyof FaultRates | "full", number> = {
    shortWrite: 0,
    write: 0,
    sync: 0,
    read: 0,
    flip: 0,
    misread: 0,
    rename: 0,
    truncate: 0,
    open: 0,
    remove: 0,
    shortRead: 0,
    thread: 0,
    full: 0,
  };
  /** A sync that fails has brought some pages to the disk, and others not. Otherwise none. */
  partialSyncs = false;
  /** Misreads never heal. */
  misreadsAlways = false;
  readonly #random: () => number;
  #rightReads = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Ends all of them. */
  heal(): void {
    this.rates = NO_FAULTS;
    this.room = Infinity;
  }

  /** Does work without faults, and brings them back afterwards. */
  async calmly<T>(work: () => Promise<T>): Promise<T> {
    const { rates, room } = this;
    this.heal();
    try {
      return await work();
    } finally {
      this.rates = rates;
      this.room = room;
    }
  }

  /** Of `count` bytes, how many are written; the last `grows` of them need room. */
  writing(count: number, grows: number): number {
    if (this.#strikes("write")) throw systemError("EIO", "write");
    let taken = count;
    if (grows > this.room) {
      this.struck.full++;
      taken = count - (grows - this.room);
      if (taken <= 0) throw systemError("ENOSPC", "write");
    }
    if (taken > 1 && this.#strikes("shortWrite")) taken = 1 + Math.floor(this.#random() * (taken - 1));
    this.room -= Math.max(0, taken - (count - grows));
    return taken;
  }

  /** Of `count` bytes to be read, the bit that went wrong on the disk. */
  reading(count: number): number | undefined {
    if (this.#strikes("read")) throw systemError("EIO", "read");
    return count > 0 && this.#strikes("flip") ? Math.floor(this.#random() * count * 8) : undefined;
  }

  /** Of `count` bytes that were read, one in the sector that came wrong. */
  misreading(count: number): number | undefined {
    if (this.#rightReads-- > 0 || count === 0) return undefined;
    if (!this.#strikes("misread") && !this.misreadsAlways) return undefined;
    if (this.misreadsAlways) this.struck.misread++;
    this.#rightReads = Math.floor((1 + this.#random()) * RIGHT_READS_AFTER_MISREAD);
    return Math.floor(this.#random() * count);
  }

  /** Likewise of a draft, which is read back once: whoever does looks at no second time. */
  misreadingDraft(count: number): number | undefined {
    if (!this.misreadsAlways || count === 0 || this.#random() >= MISREAD_DRAFTS) return undefined;
    this.struck.misread++;
    return Math.floor(this.#random() * count);
  }

  /** Of `count` bytes to be read, how many come. */
  readingShort(count: number): number {
    return count > 1 && this.#strikes("shortRead") ? 1 + Math.floor(this.#random() * (count - 1)) : count;
  }

  threadEnds(): boolean {
    return this.#strikes("thread");
  }

  syncFails(): boolean {
    return this.#strikes("sync");
  }

  opening(path: string): void {
    if (this.#strikes("open")) throw systemError("EIO", `open '${path}'`);
  }

  creating(path: string): void {
    this.opening(path);
    // An empty file often still finds a place on a full disk.
    if (this.room === 0 && this.#random() < 0.5) throw systemError("ENOSPC", `open '${path}'`);
  }

  truncating(path: string): void {
    if (this.#strikes("truncate")) throw systemError("EIO", `truncate '${path}'`);
  }

  renaming(path: string): void {
    if (this.#strikes("rename")) throw systemError("EIO", `rename '${path}'`);
  }

  removing(path: string): void {
    if (this.#strikes("remove")) throw systemError("EIO", `unlink '${path}'`);
  }

  #strikes(kind: keyof FaultRates): boolean {
    if (this.rates[kind] === 0 || this.#random() >= this.rates[kind]) return false;
    this.struck[kind]++;
    return true;
  }
}
