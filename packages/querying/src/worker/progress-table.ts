import type { JobProgress } from "../scheduler/active-jobs.ts";

/** Number of a thread's jobs whose progress is recorded. The progress of further jobs is not recorded. */
const SLOTS = 256;
/** Result of claim() if no slot is free. */
export const NO_SLOT = -1;

/** Shared memory in which a thread records the progress of its jobs at each turn. The main thread reads it. */
export class ProgressTable {
  readonly buffer: SharedArrayBuffer;
  /** Numbers of samples and bytes of each slot. */
  readonly #values: Float64Array;
  readonly #isTaken = new Uint8Array(SLOTS);

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * 2 * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#values = new Float64Array(buffer);
  }

  /** Returns a slot for one more job; NO_SLOT if none is free. */
  claim(): number {
    const slot = this.#isTaken.indexOf(0);
    if (slot === NO_SLOT) return NO_SLOT;
    this.#isTaken[slot] = 1;
    this.write(slot, 0, 0);
    return slot;
  }

  release(slot: number): void {
    if (slot !== NO_SLOT) this.#isTaken[slot] = 0;
  }

  write(slot: number, samples: number, bytes: number): void {
    if (slot === NO_SLOT) return;
    this.#values[2 * slot] = samples;
    this.#values[2 * slot + 1] = bytes;
  }

  read(slot: number): JobProgress {
    return slot === NO_SLOT
      ? { samples: 0, bytes: 0 }
      : { samples: this.#values[2 * slot]!, bytes: this.#values[2 * slot + 1]! };
  }
}
