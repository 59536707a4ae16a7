import type { SharedBuffers } from "../memory/shared-column.ts";

const SEQUENCE = 0;
const PAUSES = 1;
const EPOCH = 2;
const PUBLISHED = 3;
const FIRST_PIN = 8;
/** Largest number of threads that may read the head while the writing thread changes it. */
export const MAX_HEAD_READERS = 248;
const FIRST_STATE = FIRST_PIN + MAX_HEAD_READERS;
const FIRST_SNAPSHOT = FIRST_STATE + MAX_HEAD_READERS;
/** Time in ms after which a reader that waits for the writer checks again whether the writer has finished. */
const RETRY_MS = 1000;
/** Longest time in ms that the writer waits for a reader that asked it to pause. */
const LONGEST_PAUSE_MS = 10;

const NO_SNAPSHOT = 0;
/**
 * State of a reader that is about to take a snapshot of the head's state and does not know the snapshot's number yet.
 */
const ANNOUNCED = 1;
const SNAPSHOT_OPEN = 2;

/**
 * Shared memory that coordinates the thread that writes the head with the threads that read it. Contains the sequence
 * number of a seqlock (odd during a change), the last published commit, the epoch of retired memory, and the oldest
 * epoch and snapshot of each reader.
 */
export class CommitSequence {
  readonly #words: Int32Array;
  #depth = 0;
  #held = false;
  /** Number of pause requests that the writer ignores, because the requesting threads have died. */
  #ignoredPauses = 0;
  /**
   * Number of reader numbers that were assigned, including the numbers of ended threads. Only the writer knows this
   * count.
   */
  readers = 0;

  constructor(buffers: SharedBuffers) {
    this.#words = buffers.words("sequence", FIRST_SNAPSHOT + MAX_HEAD_READERS);
    if (!buffers.attached) this.#words[EPOCH] = 1;
  }

  /** Begins a change of the head. Changes may be nested. Returns true for the outermost change. */
  begin(): boolean {
    if (this.#depth++ > 0) return false;
    if (Atomics.load(this.#words, PAUSES) !== this.#ignoredPauses) this.#letReadersIn();
    Atomics.add(this.#words, SEQUENCE, 1);
    return true;
  }

  /**
   * Ends a change of the head and publishes it to readers, unless hold() delays the publication. Returns true for the
   * outermost change.
   */
  end(): boolean {
    if (--this.#depth > 0) return false;
    if (!this.#held) Atomics.add(this.#words, PUBLISHED, 1);
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
    return true;
  }

  /**
   * Combines all changes until release() into one commit. Snapshots that begin before release() show the state before
   * that commit.
   */
  hold(): void {
    this.#held = true;
  }

  /** Publishes all changes since hold() as one commit. */
  release(): void {
    this.#held = false;
    Atomics.add(this.#words, PUBLISHED, 1);
  }

  /** Whether a commit is only partly applied, that is, between hold() and release(). */
  get held(): boolean {
    return this.#held;
  }

  /** Number of the last published commit, a 32-bit number that wraps. */
  get published(): number {
    return Atomics.load(this.#words, PUBLISHED);
  }

  /** The seqlock's sequence number. The number is even if no change is in progress. */
  get value(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /** Blocks a reading thread while a change is in progress. Returns the sequence number. */
  waitUntilEven(): number {
    for (;;) {
      const { value } = this;
      if (value % 2 === 0) return value;
      Atomics.wait(this.#words, SEQUENCE, value, RETRY_MS);
    }
  }

  /**
   * Announces that thread `reader` is about to take a snapshot, so that the writer saves rows before it changes them.
   * Blocks while a change is in progress that began before the announcement. A later change may be in progress when the
   * call returns.
   */
  announceSnapshot(reader: number): void {
    Atomics.store(this.#words, FIRST_STATE + reader, ANNOUNCED);
    const { value } = this;
    if (value % 2 === 0) return;
    while (this.value === value) Atomics.wait(this.#words, SEQUENCE, value, RETRY_MS);
  }

  /** Records that the reader's snapshot includes the commits up to number `snapshot`. */
  beginSnapshot(reader: number, snapshot: number): void {
    Atomics.store(this.#words, FIRST_SNAPSHOT + reader, snapshot);
    Atomics.store(this.#words, FIRST_STATE + reader, SNAPSHOT_OPEN);
  }

  endSnapshot(reader: number): void {
    Atomics.store(this.#words, FIRST_STATE + reader, NO_SNAPSHOT);
  }

  /** Whether any thread is taking a snapshot. */
  get hasOpenSnapshots(): boolean {
    for (let i = 0; i < this.readers; i++) {
      if (Atomics.load(this.#words, FIRST_STATE + i) !== NO_SNAPSHOT) return true;
    }
    return false;
  }

  /** Returns whether all open snapshots include commit number `commit`. */
  isSeenByAll(commit: number): boolean {
    for (let i = 0; i < this.readers; i++) {
      const state = Atomics.load(this.#words, FIRST_STATE + i);
      if (state === ANNOUNCED) return false;
      if (state === SNAPSHOT_OPEN && isBefore(Atomics.load(this.#words, FIRST_SNAPSHOT + i), commit)) return false;
    }
    return true;
  }

  /**
   * Asks the writer to wait before its next change until this reader has finished. The reader must call resume()
   * afterwards.
   */
  pause(): void {
    Atomics.add(this.#words, PAUSES, 1);
  }

  resume(): void {
    Atomics.sub(this.#words, PAUSES, 1);
    Atomics.notify(this.#words, PAUSES);
  }

  #letReadersIn(): void {
    const pauses = Atomics.load(this.#words, PAUSES);
    if (pauses === 0) {
      this.#ignoredPauses = 0;
      return;
    }
    if (Atomics.wait(this.#words, PAUSES, pauses, LONGEST_PAUSE_MS) === "timed-out") this.#ignoredPauses = pauses;
  }

  get epoch(): number {
    return Atomics.load(this.#words, EPOCH);
  }

  /**
   * Begins the next epoch of retired memory. Skips the number 0, because setPin() uses 0 for threads that need no
   * memory.
   */
  nextEpoch(): number {
    const epoch = (Atomics.add(this.#words, EPOCH, 1) + 1) | 0;
    return epoch === 0 ? this.nextEpoch() : epoch;
  }

  /**
   * Records that thread `reader` needs all memory that is retired in epoch `epoch` or later. Epoch 0 means that the
   * thread needs no retired memory.
   */
  setPin(reader: number, epoch: number): void {
    Atomics.store(this.#words, FIRST_PIN + reader, epoch);
  }

  /** The oldest epoch that a thread still needs; 0 if no thread needs any. */
  get oldestPin(): number {
    let oldest = 0;
    for (let i = FIRST_PIN; i < FIRST_PIN + this.readers; i++) {
      const pin = Atomics.load(this.#words, i);
      if (pin !== 0 && (oldest === 0 || isBefore(pin, oldest))) oldest = pin;
    }
    return oldest;
  }
}

/** Returns whether number `a` is earlier than `b`. Epochs and commits are 32-bit numbers that wrap around. */
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
