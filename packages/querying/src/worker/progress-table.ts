import type { JobProgress } from "../scheduler/active-jobs.ts";

/** Largest number of jobs of a thread whose progress is recorded. */
const SLOTS = 256;
/** Result of claim() if progress is already recorded for the largest number of jobs. */
export const NO_SLOT = -1;

/** Shared memory in which a thread records the progress of its jobs, for the main thread. */
export class ProgressTable {
  readonly buffer: SharedArrayBuffer;
  /** Two numbers for each job: its samples and its bytes. */
  readonly #values: Float64Array;
  readonly #isTaken = new Uint8Array(SLOTS);

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * 2 * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#values = new Float64Array(buffer);
  }

  /** Returns an index for recording the progress of a new job, or NO_SLOT. */
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
