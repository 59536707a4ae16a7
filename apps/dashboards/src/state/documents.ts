import type { Collection, Entry } from "@narthex/store";

/**
 * Records of one kind, each a JSON document: all in memory, each change in the store before it is promised. What other
 * instances write to a shared store appears here too.
 */
export class Documents<T> {
  readonly #collection: Collection;
  readonly #documents = new Map<string, T>();
  readonly #listeners = new Set<() => void>();

  private constructor(collection: Collection) {
    this.#collection = collection;
  }

  /** Reads all there is. Rejects with StoreError. */
  static async open<T>(collection: Collection): Promise<Documents<T>> {
    const made = new Documents<T>(collection);
    made.#take(await collection.entries());
    collection.watch(({ put, removed, complete }) => {
      if (complete) made.#documents.clear();
      for (const key of removed) made.#documents.delete(key);
      made.#take(put);
      made.#tell();
    });
    return made;
  }

  get size(): number {
    return this.#documents.size;
  }

  get(key: string): T | undefined {
    return this.#documents.get(key);
  }

  values(): MapIterator<T> {
    return this.#documents.values();
  }

  entries(): MapIterator<[string, T]> {
    return this.#documents.entries();
  }

  /** Calls back after each change, also of other instances. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Adds or replaces. Readers see it at once, so that two who change the same document do not both believe to be the first;
   * it is taken back where the store refuses it. Rejects with StoreError.
   */
  async put(key: string, document: T, expiresAt = Infinity): Promise<void> {
    const before = this.#documents.get(key);
    this.#documents.set(key, document);
    this.#tell();
    try {
      const entry = { key, value: JSON.stringify(document), expiresAt: Math.min(expiresAt, Number.MAX_SAFE_INTEGER) };
      await this.#collection.put(entry);
    } catch (error) {
      if (this.#documents.get(key) === document) this.#restore(key, before);
      throw error;
    }
  }

  /** Rejects with StoreError. */
  async remove(key: string): Promise<void> {
    const before = this.#documents.get(key);
    if (before === undefined) return;
    this.#documents.delete(key);
    this.#tell();
    try {
      await this.#collection.remove(key);
    } catch (error) {
      if (!this.#documents.has(key)) this.#restore(key, before);
      throw error;
    }
  }

  #restore(key: string, before: T | undefined): void {
    if (before === undefined) this.#documents.delete(key);
    else this.#documents.set(key, before);
    this.#tell();
  }

  #take(entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      try {
        this.#documents.set(key, JSON.parse(value) as T);
      } catch {
        // Written by something else: what cannot be read is not there.
      }
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Numbers for records that have one beside their uid: each is one above the highest there was. */
export function nextId(records: Iterable<{ readonly id: number }>): number {
  let highest = 0;
  for (const { id } of records) highest = Math.max(highest, id);
  return highest + 1;
}
