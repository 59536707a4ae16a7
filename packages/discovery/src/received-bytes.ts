import { getHeapStatistics } from "node:v8";

/** Maximum size in bytes of an answer from a discovery service. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Error for an answer, or the answers of one refresh, that are too long. */
export class TooLongError extends Error {}

/** Part of the heap that the answers of one refresh may have. Their values need several times the memory of their text. */
const HEAP_SHARE = 1 / 8;

/**
 * Counts the bytes of all answers of one refresh, which keeps the items of all pages. Without a limit, a list of very
 * many pages, or of pages that repeat with new names, would use all memory.
 */
export class ReceivedBytes {
  readonly #limit: number;
  #sum = 0;

  /** @param limit maximum sum of the bytes of a refresh */
  constructor(limit = Math.max(2 * MAX_BODY_BYTES, getHeapStatistics().heap_size_limit * HEAP_SHARE)) {
    this.#limit = limit;
  }

  /** Begins a refresh. */
  reset(): void {
    this.#sum = 0;
  }

  /** Adds an answer. Throws TooLongError if the answers are too long. */
  add(bytes: number): void {
    this.#sum += bytes;
    if (this.#sum > this.#limit)
      throw new TooLongError(
        `the answers of one refresh are longer than ${Math.trunc(this.#limit)} bytes: let the section select fewer targets`,
      );
  }
}
