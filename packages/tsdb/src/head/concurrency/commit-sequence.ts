import type { SharedBuffers } from "../memory/shared-column.ts";

const SEQUENCE = 0;
const PAUSES = 1;
const EPOCH = 2;
const PUBLISHED = 3;
const FIRST_PIN = 8;
/** Threads that may read beside the writer. */
export const MAX_READERS = 248;
const FIRST_STATE = FIRST_PIN + MAX_READERS;
const FIRST_SNAPSHOT = FIRST_STATE + MAX_READERS;
/** How long a reader sleeps at most before it checks again whether the writer has finished. */
const RETRY_MS = 1000;
/** The longest the writer waits for an optimistic reader that could not get in between its changes. */
const LONGEST_PAUSE_MS = 10;

const NO_SNAPSHOT = 0;
/** The reader is about to take a snapshot; its number is not known yet. */
const ANNOUNCED = 1;
const SNAPSHOT_OPEN = 2;

/**
 * What writer and readers tell each other: the sequence of a seqlock (odd while the writer changes something), the
 * number of the last commit that is published, the epoch of retired memory, the oldest epoch that each reading thread
 * still needs, and which threads are taking a snapshot of which commit.
 */
export class CommitSequence {
  readonly #words: Int32Array;
  #depth = 0;
  #held = false;
  /** Pauses that a writer has waited for in vain: their thread has died. */
  #ignoredPauses = 0;
  /** Reader numbers given out so far; the writer's knowledge. */
  readers = 0;

  constructor(buffers: SharedBuffers) {
    this.#words = buffers.words("sequence", FIRST_SNAPSHOT + MAX_READERS);
    if (!buffers.attached) this.#words[EPOCH] = 1;
  }

  /** Begins a change; changes may nest. Is it the outermost? */
  begin(): boolean {
    if (this.#depth++ > 0) return false;
    if (Atomics.load(this.#words, PAUSES) !== this.#ignoredPauses) this.#letReadersIn();
    Atomics.add(this.#words, SEQUENCE, 1);
    return true;
  }

  /** Ends a change and publishes what was changed, unless hold() puts that off. Was it the outermost? */
  end(): boolean {
    if (--this.#depth > 0) return false;
    if (!this.#held) Atomics.add(this.#words, PUBLISHED, 1);
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
    return true;
  }

  /** Until release() all changes are parts of one commit: new snapshots are of the time before. */
  hold(): void {
    this.#held = true;
  }

  /** Publishes all that was changed since hold(). */
  release(): void {
    this.#held = false;
    Atomics.add(this.#words, PUBLISHED, 1);
  }

  /** A commit is half applied. */
  get held(): boolean {
    return this.#held;
  }

  /** Number of the last published commit; 32 bits that wrap. */
  get published(): number {
    return Atomics.load(this.#words, PUBLISHED);
  }

  /** Even: nothing is being changed. */
  get value(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /** Blocks a reading thread while a change is under way. */
  waitUntilEven(): number {
    for (;;) {
      const { value } = this;
      if (value % 2 === 0) return value;
      Atomics.wait(this.#words, SEQUENCE, value, RETRY_MS);
    }
  }

  /**
   * Thread `reader` is about to take a snapshot: from the writer's next change on, rows are kept as they were before it.
   * Blocks while a change is under way that began without knowing; the next one may have begun then.
   */
  announceSnapshot(reader: number): void {
    Atomics.store(this.#words, FIRST_STATE + reader, ANNOUNCED);
    const { value } = this;
    if (value % 2 === 0) return;
    while (this.value === value) Atomics.wait(this.#words, SEQUENCE, value, RETRY_MS);
  }

  /** The snapshot shows commit number `snapshot` and all before it. */
  beginSnapshot(reader: number, snapshot: number): void {
    Atomics.store(this.#words, FIRST_SNAPSHOT + reader, snapshot);
    Atomics.store(this.#words, FIRST_STATE + reader, SNAPSHOT_OPEN);
  }

  endSnapshot(reader: number): void {
    Atomics.store(this.#words, FIRST_STATE + reader, NO_SNAPSHOT);
  }

  /** Does any thread take a snapshot? */
  get hasOpenSnapshots(): boolean {
    for (let i = 0; i < this.readers; i++) {
      if (Atomics.load(this.#words, FIRST_STATE + i) !== NO_SNAPSHOT) return true;
    }
    return false;
  }

  /** Can no thread's snapshot be of the time before commit number `commit`? */
  isSeenByAll(commit: number): boolean {
    for (let i = 0; i < this.readers; i++) {
      const state = Atomics.load(this.#words, FIRST_STATE + i);
      if (state === ANNOUNCED) return false;
      if (state === SNAPSHOT_OPEN && isBefore(Atomics.load(this.#words, FIRST_SNAPSHOT + i), commit)) return false;
    }
    return true;
  }

  /** Asks the writer to let this reader finish before the next change; call resume() afterwards. */
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

  /** Begins the next epoch of retired memory; 0 stands for no epoch and is left out. */
  nextEpoch(): number {
    const epoch = (Atomics.add(this.#words, EPOCH, 1) + 1) | 0;
    return epoch === 0 ? this.nextEpoch() : epoch;
  }

  /** Says that thread `reader` needs everything retired from `epoch` on; 0 ends that. */
  setPin(reader: number, epoch: number): void {
    Atomics.store(this.#words, FIRST_PIN + reader, epoch);
  }

  /** The oldest epoch that a thread still needs, 0 when none does. */
  get oldestPin(): number {
    let oldest = 0;
    for (let i = FIRST_PIN; i < FIRST_PIN + this.readers; i++) {
      const pin = Atomics.load(this.#words, i);
      if (pin !== 0 && (oldest === 0 || isBefore(pin, oldest))) oldest = pin;
    }
    return oldest;
  }
}

/** Epochs and commits are 32-bit numbers that wrap. */
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
