import { invariant } from "@narthex/runtime";
import { type CommitSequence, isBefore, MAX_READERS } from "./commit-sequence.ts";

/** Frees the memory of an item for reuse. */
export type Recycle = (id: number, size: number) => void;

/** Number of finished entries at the front of the queue after which it is compacted. */
const MOVE_UP_FROM = 4096;
/**
 * Largest number of items recycled in one call: two or three milliseconds of work. After a long query there may be
 * millions.
 */
const MAX_AT_ONCE = 32_768;

/** Freed memory that is held until every reader, on any thread, that could have seen it is closed. */
export class EpochReclaimer {
  readonly #sequence: CommitSequence;
  readonly #pins = new Set<number>();
  readonly #free: number[] = [];
  /** Waiting items, oldest first, from #first on. */
  #epochs: number[] = [];
  #recycles: Recycle[] = [];
  #ids: number[] = [];
  #sizes: number[] = [];
  #first = 0;
  #sweeping = false;

  constructor(sequence: CommitSequence) {
    this.#sequence = sequence;
  }

  /** Can other threads read, too? */
  get isShared(): boolean {
    return this.#sequence.readers > this.#free.length;
  }

  /**
   * Recycles at once if there are no readers. If other threads read, it waits at least for the end of the current
   * change, since one of them may be pinning the present state.
   */
  retire(recycle: Recycle, id: number, size: number): void {
    if (this.#pins.size === 0 && !this.isShared) {
      recycle(id, size);
      return;
    }
    this.#epochs.push(this.#sequence.epoch);
    this.#recycles.push(recycle);
    this.#ids.push(id);
    this.#sizes.push(size);
  }

  /** Keeps everything in use readable until the returned function is called. */
  pin(): () => void {
    const epoch = this.#sequence.nextEpoch();
    this.#pins.add(epoch);
    return () => {
      if (this.#pins.delete(epoch)) this.sweep();
    };
  }

  /**
   * Does the same as pin() for a time in which new readers can still reach memory that is being freed: such memory
   * counts as freed at the end.
   */
  hold(): () => void {
    const begin = this.#sequence.nextEpoch();
    this.#pins.add(begin);
    return () => {
      const { epoch } = this.#sequence;
      for (let i = this.#epochs.length - 1; i >= this.#first && !isBefore(this.#epochs[i]!, begin); i--) {
        this.#epochs[i] = epoch;
      }
      this.#pins.delete(begin);
      this.sweep();
    };
  }

  /** Returns the number of a thread that is about to read; it is passed in the handles. */
  registerReader(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // One more reader would overwrite the words of another.
    invariant(this.#sequence.readers < MAX_READERS, "a head has places for so many reading threads", { MAX_READERS });
    return this.#sequence.readers++;
  }

  /** Releases all that is kept for a thread after the thread has ended, for whatever reason. */
  unregisterReader(reader: number): void {
    this.#sequence.endSnapshot(reader);
    this.#sequence.setPin(reader, 0);
    this.#free.push(reader);
    this.sweep();
  }

  /**
   * Recycles memory that no reader needs any more; a large queue only partly, the rest at later calls. Must not be
   * called within a change.
   */
  sweep(): void {
    // A recycle callback that makes a change sweeps again: thousands of such calls would nest.
    if (this.#sweeping || this.#first === this.#epochs.length) return;
    this.#sweeping = true;
    try {
      this.#recycleUnpinned();
    } finally {
      this.#sweeping = false;
    }
  }

  #recycleUnpinned(): void {
    const now = this.#sequence.nextEpoch();
    // Items retired during this call wait for the next one: a reader may have started after the pins were read.
    const oldest = this.#oldestPin() || now;
    for (let left = MAX_AT_ONCE; this.#first < this.#epochs.length && left > 0; left--) {
      const at = this.#first;
      if (!isBefore(this.#epochs[at]!, oldest)) break;
      this.#first++;
      this.#recycles[at]!(this.#ids[at]!, this.#sizes[at]!);
    }
    const { length } = this.#epochs;
    if (this.#first === length || (this.#first > MOVE_UP_FROM && this.#first * 2 > length)) this.#moveUp();
  }

  #moveUp(): void {
    this.#epochs = this.#epochs.slice(this.#first);
    this.#recycles = this.#recycles.slice(this.#first);
    this.#ids = this.#ids.slice(this.#first);
    this.#sizes = this.#sizes.slice(this.#first);
    this.#first = 0;
  }

  #oldestPin(): number {
    let oldest = this.#sequence.oldestPin;
    for (const epoch of this.#pins) if (oldest === 0 || isBefore(epoch, oldest)) oldest = epoch;
    return oldest;
  }
}
