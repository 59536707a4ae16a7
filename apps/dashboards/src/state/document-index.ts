import type { Documents } from "./documents.ts";

/**
 * An index that finds documents by derived keys, for example the sessions of a user. Few documents should have the same
 * key, because the cost of a change grows with the number of documents that have its keys.
 */
export class DocumentIndex<T, K> {
  /** Lists of documents by key. A change replaces the list, so that callers may keep the old list. */
  readonly #lists = new Map<K, readonly T[]>();
  readonly #keysOf: (document: T) => Iterable<K>;

  constructor(documents: Pick<Documents<T>, "follow">, keysOf: (document: T) => Iterable<K>) {
    this.#keysOf = keysOf;
    documents.follow((before, after) => this.#change(before, after));
  }

  /** Returns the documents that have a key. The document that got the key first is first. */
  of(key: K): readonly T[] {
    return this.#lists.get(key) ?? [];
  }

  /** Returns the document that has had a key for the longest time. */
  first(key: K): T | undefined {
    return this.#lists.get(key)?.[0];
  }

  /** Number of different keys in the index. */
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
