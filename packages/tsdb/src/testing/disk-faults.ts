import { systemError } from "./system-error.ts";

/** Probabilities (0 to 1) with which the operations of the simulated disk fail. */
export interface FaultRates {
  /** Probability that a write stores only a part of the bytes. */
  readonly shortWrite: number;
  readonly write: number;
  readonly sync: number;
  readonly read: number;
  /** Probability that a bit changes on the disk before a read. */
  readonly flip: number;
  readonly rename: number;
  readonly truncate: number;
  readonly open: number;
  readonly remove: number;
  /** Probability that a read returns only a part of the bytes. */
  readonly shortRead: number;
  /** Probability that a thread ends before it makes a change. */
  readonly thread: number;
}

export const NO_FAULTS: FaultRates = {
  shortWrite: 0,
  write: 0,
  sync: 0,
  read: 0,
  flip: 0,
  rename: 0,
  truncate: 0,
  open: 0,
  remove: 0,
  shortRead: 0,
  thread: 0,
};

/**
 * Decides which operations of the simulated disk fail. Random operations fail, drawn from a seed with the given rates.
 * On a full disk, all operations that need room fail.
 */
export class DiskFaults {
  rates: FaultRates = NO_FAULTS;
  /** Number of bytes for which the disk has room. */
  room = Infinity;
  /** Number of failures that have happened, by kind. */
  readonly counts: Record<keyof FaultRates | "full", number> = {
    shortWrite: 0,
    write: 0,
    sync: 0,
    read: 0,
    flip: 0,
    rename: 0,
    truncate: 0,
    open: 0,
    remove: 0,
    shortRead: 0,
    thread: 0,
    full: 0,
  };
  /** Whether a sync that fails may have written some pages to the disk. Otherwise it has written none. */
  partialSyncs = false;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Ends all faults. */
  heal(): void {
    this.rates = NO_FAULTS;
    this.room = Infinity;
  }

  /** Runs work without faults, and restores the faults afterwards. */
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

  /** Returns how many of `count` bytes a write stores. The last `grows` bytes of the write need room on the disk. */
  writing(count: number, grows: number): number {
    if (this.#occurs("write")) throw systemError("EIO", "write");
    let taken = count;
    if (grows > this.room) {
      this.counts.full++;
      taken = count - (grows - this.room);
      if (taken <= 0) throw systemError("ENOSPC", "write");
    }
    if (taken > 1 && this.#occurs("shortWrite")) taken = 1 + Math.floor(this.#random() * (taken - 1));
    this.room -= Math.max(0, taken - (count - grows));
    return taken;
  }

  /**
   * Decides whether a bit changes on the disk when `count` bytes are read. Returns the bit's position among the bytes,
   * or undefined if no bit changes.
   */
  reading(count: number): number | undefined {
    if (this.#occurs("read")) throw systemError("EIO", "read");
    return count > 0 && this.#occurs("flip") ? Math.floor(this.#random() * count * 8) : undefined;
  }

  /** Returns the number of bytes that a read of `count` bytes returns. */
  readingShort(count: number): number {
    return count > 1 && this.#occurs("shortRead") ? 1 + Math.floor(this.#random() * (count - 1)) : count;
  }

  threadEnds(): boolean {
    return this.#occurs("thread");
  }

  syncFails(): boolean {
    return this.#occurs("sync");
  }

  opening(path: string): void {
    if (this.#occurs("open")) throw systemError("EIO", `open '${path}'`);
  }

  creating(path: string): void {
    this.opening(path);
    // Sometimes lets the file be created, because a full disk often still has room for an empty file.
    if (this.room === 0 && this.#random() < 0.5) throw systemError("ENOSPC", `open '${path}'`);
  }

  truncating(path: string): void {
    if (this.#occurs("truncate")) throw systemError("EIO", `truncate '${path}'`);
  }

  renaming(path: string): void {
    if (this.#occurs("rename")) throw systemError("EIO", `rename '${path}'`);
  }

  removing(path: string): void {
    if (this.#occurs("remove")) throw systemError("EIO", `unlink '${path}'`);
  }

  #occurs(kind: keyof FaultRates): boolean {
    if (this.rates[kind] === 0 || this.#random() >= this.rates[kind]) return false;
    this.counts[kind]++;
    return true;
  }
}
