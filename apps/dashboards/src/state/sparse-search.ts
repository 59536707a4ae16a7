import type { Clock } from "@narthex/runtime";

/** Least time in ms between two searches, and largest number of documents that one search finds. */
const [PAUSE_MS, MAX_FOUND] = [10_000, 1000];

/**
 * Searches for documents to remove, when other documents are written. A search looks at all documents, so writes that
 * follow each other closely do not search again.
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
