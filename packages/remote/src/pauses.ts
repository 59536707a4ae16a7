import type { Ingest } from "./receiver/ingest.ts";

/** Bytes read between two reads of the clock, for which the event loop waits. */
export const BYTES_PER_PAUSE: number = 64 * 1024;
/** Bytes that a skipped field counts as, which is read later or not at all. */
export const PASSED_FIELD_BYTES = 16;

/**
 * Decides when the reader of a request must yield, by the bytes read since the last time. Work that takes longer than
 * its bytes suggest counts as more bytes.
 */
export class Pauses {
  readonly #ingest: Ingest;
  #left = BYTES_PER_PAUSE;

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  /** Counts bytes that were read, or are about to be read in one step. */
  count(bytes: number): void {
    this.#left -= bytes;
  }

  /** Is it time to `yield pauses.take()`? */
  get isDue(): boolean {
    return this.#left <= 0;
  }

  /** Flushes waiting samples, and starts counting again. */
  take(): undefined {
    this.#left = BYTES_PER_PAUSE;
    this.#ingest.flush();
  }
}
