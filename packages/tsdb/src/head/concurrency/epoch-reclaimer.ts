import { invariant } from "@narthex/runtime";
import { type CommitSequence, isBefore, MAX_READERS } from "./commit-sequence.ts";

/** Gives the memory of something back for reuse. */
export type Recycle = (id: number, size: number) => void;

/** Done entries that are kept at the front of the queue before it is moved up. */
const MOVE_UP_FROM = 4096;
/** What is recycled at a time: two or three milliseconds of work. After a long query there may be millions. */
const MOST_AT_ONCE = 32_768;

/** Memory that was given back, held until every reader, of whatever thread, that could have seen it is closed. */
export class EpochReclaimer {
  readonly #sequence: CommitSequence;
  readonly #pins = new Set<number>();
  readonly #free: number[] = [];
  /** What waits, oldest first, from #first on. */
  #epochs: number[] = [];
  #recycles: Recycle[] = [];
  #ids: number[] = [];
  #sizes: number[] = [];
  #first = 0;
  #sweeping = false;

  constructor(sequence: CommitSequence) {
    this.#sequence = sequence;
  }

  /** Threads that may read beside this one. */
  get isShared(): boolean {
    return this.#sequence.readers > this.#free.length;
  }

  /**
   * Recycles at once when nobody can read. Where other threads do, not before the change under way has ended: one of
   * them may be pinning what is there now.
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

  /** Keeps everything that is in use now readable until the returned function is called. */
  pin(): () => void {
    const epoch = this.#sequence.nextEpoch();
    this.#pins.add(epoch);
    return () => {
      if (this.#pins.delete(epoch)) this.sweep();
    };
  }

  /**
   * As pin(), for the time in which readers may still come to what is being given back: it counts as given back at the
   * end.
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

  /** Number of a thread that is about to read; it goes into the handles. */
  registerReader(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // One more would write into the words of another.
    invariant(this.#sequence.readers < MAX_READERS, "a head has places for so many reading threads", { MAX_READERS });
    return this.#sequence.readers++;
  }

  /** The thread has ended, in whatever way: nothing is kept for it any more. */
  unregisterReader(reader: number): void {
    this.#sequence.endSnapshot(reader);
    this.#sequence.setPin(reader, 0);
    this.#free.push(reader);
    this.sweep();
  }

  /** Recycles what no reader needs any more; of much a part, and more the next time. Not to be called within a change. */
  sweep(): void {
    // What is recycled by a change of its own ends in here again: of thousands each would stand on the one before.
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
    // What is retired on the way waits for the next time: a reader may have come since the pins were looked at.
    const oldest = this.#oldestPin() || now;
    for (let left = MOST_AT_ONCE; this.#first < this.#epochs.length && left > 0; left--) {
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
