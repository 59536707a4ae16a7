import type { Documents } from "./documents.ts";

/**
 * Finds documents by keys that are derived from them, for example the sessions of a user. Each key should belong to few
 * documents, because a change takes as many steps as its keys have documents.
 */
export class DocumentIndex<T, K> {
  /** A changed list is replaced, so that callers may keep one while documents change. */
  readonly #lists = new Map<K, readonly T[]>();
  readonly #keysOf: (document: T) => Iterable<K>;

  constructor(documents: Pick<Documents<T>, "follow">, keysOf: (document: T) => Iterable<K>) {
    this.#keysOf = keysOf;
    documents.follow((before, after) => this.#change(before, after));
  }

  /** Returns the documents with a key, in the order in which they got it. */
  of(key: K): readonly T[] {
    return this.#lists.get(key) ?? [];
  }

  /** Returns the document that has had a key for the longest time. */
  first(key: K): T | undefined {
    return this.#lists.get(key)?.[0];
  }

  /** Number of keys that documents have. */
  get size(): number {
    return this.#lists.size;
  }

  #change(before: T | undefined, after: T | undefined): void {
    const earlier = new Set(before === undefined ? [] : this.#keysOf(before));
    const wanted = new Set(after === undefined ? [] : this.#keysOf(after));
    for (const key of wanted) {
      const list = this.of(key);
      this.#lists.set(key, earlier.has(key) ? list.map((one) => (one === before ? after! : one)) : [...list, after!]);
    }
    for (const key of earlier) {
      if (wanted.has(key)) continue;
      const left = this.of(key).filter((one) => one !== before);
      if (left.length === 0) this.#lists.delete(key);
      else this.#lists.set(key, left);
    }
  }
}
