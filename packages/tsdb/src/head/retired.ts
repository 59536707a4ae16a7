import { type ChangeSequence, isBefore } from "./change-sequence.ts";

/** Gives the memory of something back for reuse. */
export type Recycle = (id: number, size: number) => void;

interface Waiting {
  readonly epoch: number;
  readonly recycle: Recycle;
  readonly id: number;
  readonly size: number;
}

/** Retirements between two looks at the pins of other threads. */
const SWEEP_EVERY = 256;

/** Memory that was given back, held until every reader, of whatever thread, that could have seen it is closed. */
export class Retired {
  readonly #sequence: ChangeSequence;
  readonly #readers = new Set<number>();
  readonly #free: number[] = [];
  /** Oldest first. */
  #waiting: Waiting[] = [];
  #sinceSweep = 0;
  #attached = 0;

  constructor(sequence: ChangeSequence) {
    this.#sequence = sequence;
  }

  /** Recycles at once when nobody reads, else when the present readers are gone. */
  retire(recycle: Recycle, id: number, size: number): void {
    if (this.#readers.size === 0 && (this.#attached === 0 || this.#sequence.oldestPin(this.#attached) === 0))
      recycle(id, size);
    else this.#waiting.push({ epoch: this.#sequence.epoch, recycle, id, size });
    if (this.#waiting.length > 0 && ++this.#sinceSweep >= SWEEP_EVERY) this.sweep();
  }

  /** Keeps everything that is in use now readable until the returned function is called. */
  pin(): () => void {
    const epoch = this.#sequence.nextEpoch();
    this.#readers.add(epoch);
    return () => {
      if (this.#readers.delete(epoch) && this.#waiting.length > 0) this.sweep();
    };
  }

  /** Number of a thread that is about to read; it goes into the handles. */
  attach(): number {
    return this.#free.pop() ?? this.#attached++;
  }

  /** The thread has ended, in whatever way: nothing is kept for it any more. */
  detach(reader: number): void {
    this.#sequence.setPin(reader, 0);
    this.#free.push(reader);
    this.sweep();
  }

  /** Recycles what no reader needs any more. */
  sweep(): void {
    this.#sinceSweep = 0;
    this.#sequence.nextEpoch();
    const oldest = this.#oldestPin();
    const waiting = this.#waiting;
    const needed = oldest === 0 ? -1 : waiting.findIndex(({ epoch }) => !isBefore(epoch, oldest));
    const done = needed < 0 ? waiting.length : needed;
    if (done === 0) return;
    this.#waiting = waiting.slice(done);
    for (let i = 0; i < done; i++) waiting[i]!.recycle(waiting[i]!.id, waiting[i]!.size);
  }

  #oldestPin(): number {
    let oldest = this.#sequence.oldestPin(this.#attached);
    for (const epoch of this.#readers) if (oldest === 0 || isBefore(epoch, oldest)) oldest = epoch;
    return oldest;
  }
}
