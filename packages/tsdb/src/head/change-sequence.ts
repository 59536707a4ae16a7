import type { SharedBuffers } from "./shared-column.ts";

const SEQUENCE = 0;
const PAUSES = 1;
const EPOCH = 2;
const FIRST_PIN = 8;
/** Threads that may read beside the writer. */
export const MAX_READERS = 248;
/** The longest the writer waits for a reader that could not get in between its changes. */
const LONGEST_PAUSE_MS = 10;

/**
 * What writer and readers tell each other: the sequence of a seqlock (odd while something changes that must be seen
 * whole), the epoch of retired memory, and the oldest epoch that each reading thread still needs.
 */
export class ChangeSequence {
  readonly #words: Int32Array;
  #depth = 0;
  /** Pauses that a writer has waited for in vain: their thread has died. */
  #ignoredPauses = 0;

  constructor(buffers: SharedBuffers) {
    this.#words = buffers.words("sequence", FIRST_PIN + MAX_READERS);
    if (!buffers.attached) this.#words[EPOCH] = 1;
  }

  /** Begins a change that readers must see whole; changes may nest. */
  begin(): void {
    if (this.#depth++ > 0) return;
    if (Atomics.load(this.#words, PAUSES) !== this.#ignoredPauses) this.#letReadersIn();
    Atomics.add(this.#words, SEQUENCE, 1);
  }

  /** Publishes the change. */
  end(): void {
    if (--this.#depth > 0) return;
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
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
      Atomics.wait(this.#words, SEQUENCE, value, 1000);
    }
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

  /** The oldest epoch that one of the first `readers` threads still needs, 0 when none does. */
  oldestPin(readers: number): number {
    let oldest = 0;
    for (let i = FIRST_PIN; i < FIRST_PIN + readers; i++) {
      const pin = Atomics.load(this.#words, i);
      if (pin !== 0 && (oldest === 0 || isBefore(pin, oldest))) oldest = pin;
    }
    return oldest;
  }
}

/** Epochs are 32-bit numbers that wrap. */
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
