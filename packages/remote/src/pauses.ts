import type { Ingest } from "./receiver/ingest.ts";

/** Number of bytes of a request that are read between two pauses for the event loop. */
export const BYTES_PER_PAUSE: number = 64 * 1024;
/** Number of bytes that a skipped field counts for when the reader decides whether to pause. */
export const PASSED_FIELD_BYTES = 16;

/**
 * Decides when the reader of a request must let other work run, by the number of bytes since the last pause. Work that
 * is slow for its size counts as more bytes.
 */
export class Pauses {
  readonly #ingest: Ingest;
  #left = BYTES_PER_PAUSE;

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  /** Counts bytes that were read, or that will be read without a pause. */
  count(bytes: number): void {
    this.#left -= bytes;
  }

  /** Whether other work should run now. The reader then must do `yield pauses.take()`. */
  get isDue(): boolean {
    return this.#left <= 0;
  }

  /** Prepares a pause: stores the samples that wait in the batch, and restarts the count of bytes. */
  take(): undefined {
    this.#left = BYTES_PER_PAUSE;
    this.#ingest.flush();
  }
}
