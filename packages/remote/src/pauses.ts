import type { Ingest } from "./receiver/ingest.ts";

/** What is read between two looks at the clock; the event loop waits for it. */
export const BYTES_PER_PAUSE: number = 64 * 1024;
/** As how many bytes a field counts that is only passed, to be read later or not at all. */
export const PASSED_FIELD_BYTES = 16;

/**
 * Says when the reader of a request is to yield, by the bytes that it has read since it last did. What takes longer than
 * its bytes tell counts as more of them.
 */
export class Pauses {
  readonly #ingest: Ingest;
  #left = BYTES_PER_PAUSE;

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  /** So many bytes have been read, or are about to be read in one step. */
  count(bytes: number): void {
    this.#left -= bytes;
  }

  /** Is it time to `yield pauses.take()`? */
  get isDue(): boolean {
    return this.#left <= 0;
  }

  /** Hands over what waits, and begins to count anew. */
  take(): undefined {
    this.#left = BYTES_PER_PAUSE;
    this.#ingest.flush();
  }
}
