import type { Clock } from "@narthex/runtime";

/** Minimum time in ms between two searches, and maximum number of documents that one search returns. */
const [PAUSE_MS, MAX_FOUND] = [10_000, 1000];

/**
 * Searches for documents to remove, for example expired ones, when other documents are written. A search reads all
 * documents, so it is skipped if the last search was a short time ago.
 */
export class SparseSearch {
  readonly #clock: Clock;
  /** Time of the last search, Unix ms. */
  #searchedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns documents that are to be removed. Returns an empty list shortly after another search. */
  find<T>(documents: IteratorObject<T>, isRemoved: (document: T) => boolean): readonly T[] {
    const now = this.#clock.now();
    if (Math.abs(now - this.#searchedAt) < PAUSE_MS) return [];
    this.#searchedAt = now;
    return [...documents.filter((document) => isRemoved(document)).take(MAX_FOUND)];
  }
}
