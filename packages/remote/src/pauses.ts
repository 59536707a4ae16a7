import type { Ingest } from "./receiver/ingest.ts";

/** Number of bytes that are read between two pauses. The event loop waits while they are read. */
export const BYTES_PER_PAUSE: number = 64 * 1024;
/** Number of bytes that a skipped field counts as. Its content is read later or not at all. */
export const PASSED_FIELD_BYTES = 16;

/**
 * Decides when the reader of a request must yield, by the number of bytes read since the last pause. Work that takes
 * long for its size counts as more bytes.
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

  /** True if a pause is due. The reader then runs `yield pauses.take()`. */
  get isDue(): boolean {
    return this.#left <= 0;
  }

  /** Flushes samples that wait in the batch, and begins to count bytes again. */
  take(): undefined {
    this.#left = BYTES_PER_PAUSE;
    this.#ingest.flush();
  }
}
