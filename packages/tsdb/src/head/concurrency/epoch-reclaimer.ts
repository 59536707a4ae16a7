import { invariant } from "@narthex/runtime";
import { type CommitSequence, isBefore, MAX_HEAD_READERS } from "./commit-sequence.ts";

/** Function that makes the memory of a freed item available for reuse. */
export type Recycle = (id: number, size: number) => void;

/** Number of finished entries at the start of the queue above which these entries are removed from the array. */
const MOVE_UP_FROM = 4096;
/**
 * Largest number of items that one call makes reusable, which takes two or three milliseconds. After a long query there
 * may be millions of items.
 */
const MAX_AT_ONCE = 32_768;

/** Keeps freed memory of the head until all readers that could have seen it are closed, on any thread. */
export class EpochReclaimer {
  readonly #sequence: CommitSequence;
  readonly #pins = new Set<number>();
  readonly #free: number[] = [];
  /** Epochs of the items that wait for reuse, oldest first, from index #first on. */
  #epochs: number[] = [];
  #recycles: Recycle[] = [];
  #ids: number[] = [];
  #sizes: number[] = [];
  #first = 0;
  #sweeping = false;

  constructor(sequence: CommitSequence) {
    this.#sequence = sequence;
  }

  /** Whether other threads may also read the head's memory. */
  get isShared(): boolean {
    return this.#sequence.readers > this.#free.length;
  }

  /**
   * Retires a freed item. If there are no readers, the item can be reused at once. If other threads may read, the item
   * waits at least until the current change ends, because a thread may be pinning the current state.
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

  /** Keeps all memory that is currently in use readable until the returned function is called. */
  pin(): () => void {
    const epoch = this.#sequence.nextEpoch();
    this.#pins.add(epoch);
    return () => {
      if (this.#pins.delete(epoch)) this.sweep();
    };
  }

  /**
   * Keeps memory readable like pin(), but for memory that is freed while new readers can still reach it. This memory
   * counts as freed when the returned function is called.
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

  /**
   * Returns a number for a thread that is about to read the head. The thread receives the number with the handles of
   * the shared memory.
   */
  registerReader(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // The shared memory has room for the state of only MAX_HEAD_READERS readers. One more reader would overwrite other
    // words.
    invariant(this.#sequence.readers < MAX_HEAD_READERS, "the number of reading threads is within the limit", {
      MAX_HEAD_READERS,
    });
    return this.#sequence.readers++;
  }

  /** Releases all memory that is kept for a thread, after the thread has ended for any reason. */
  unregisterReader(reader: number): void {
    this.#sequence.endSnapshot(reader);
    this.#sequence.setPin(reader, 0);
    this.#free.push(reader);
    this.sweep();
  }

  /**
   * Makes freed memory reusable after its last reader has finished. Processes only a part of a large queue; later calls
   * continue. Must not be called within a change.
   */
  sweep(): void {
    // Prevents nested calls: a recycle callback may make a change, and the end of a change calls sweep(). Thousands of
    // calls could be nested.
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
    // Processes only items that were retired before this call. A reader may have started after the pins were read, so
    // later items wait for the next call.
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
