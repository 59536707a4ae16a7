import type { Collection, Entry } from "@narthex/store";

/** Holds the highest number of a record that was removed: no other record gets it. No record has this key. */
const HIGHEST = "#highest";
/** Of documents that stay. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Records of one kind, each a JSON document: all in memory, each change in the store before it is promised. What other
 * instances write to a shared store appears here too.
 */
export class Documents<T> {
  readonly #collection: Collection;
  readonly #documents = new Map<string, T>();
  readonly #listeners = new Set<() => void>();
  /** The highest `id` that a record has had. */
  #highest = 0;

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

  /** A number for a record that has one beside its key: above all there were. */
  nextId(): number {
    return this.#highest + 1;
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
    this.#set(key, document);
    this.#tell();
    try {
      const entry = { key, value: JSON.stringify(document), expiresAt: Math.min(expiresAt, NEVER) };
      await this.#collection.put(entry);
    } catch (error) {
      if (this.#documents.get(key) === document) this.#restore(key, before);
      throw error;
    }
  }

  /** Adds or replaces some and removes others, all or nothing; as with `put`, readers see it at once. Rejects with StoreError. */
  async change(put: ReadonlyMap<string, T>, removed: readonly string[]): Promise<void> {
    if (put.size === 0 && removed.length === 0) return;
    const before = new Map([...put.keys(), ...removed].map((key) => [key, this.#documents.get(key)]));
    const numbers = removed.map((key) => numberOf(before.get(key)));
    for (const key of removed) this.#documents.delete(key);
    for (const [key, document] of put) this.#set(key, document);
    this.#tell();
    try {
      const entries = [...put].map(([key, document]) => ({ key, value: JSON.stringify(document), expiresAt: NEVER }));
      const id = Math.max(0, ...numbers);
      const isHighest = id > 0 && id === this.#highest;
      await this.#collection.change(isHighest ? [...entries, highestEntry(id)] : entries, removed);
    } catch (error) {
      for (const [key, document] of before) if (this.#documents.get(key) === put.get(key)) this.#restore(key, document);
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
      const id = numberOf(before);
      if (id > 0 && id === this.#highest) await this.#collection.change([highestEntry(id)], [key]);
      else await this.#collection.remove(key);
    } catch (error) {
      if (!this.#documents.has(key)) this.#restore(key, before);
      throw error;
    }
  }

  #set(key: string, document: T): void {
    this.#documents.set(key, document);
    this.#highest = Math.max(this.#highest, numberOf(document));
  }

  #restore(key: string, before: T | undefined): void {
    if (before === undefined) this.#documents.delete(key);
    else this.#documents.set(key, before);
    this.#tell();
  }

  #take(entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      try {
        if (key === HIGHEST) this.#highest = Math.max(this.#highest, Number(value) || 0);
        else this.#set(key, JSON.parse(value) as T);
      } catch {
        // Written by something else: what cannot be read is not there.
      }
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The `id` of a record; 0 where it has none. */
function numberOf(document: unknown): number {
  const id = typeof document === "object" && document !== null && "id" in document ? document.id : 0;
  return typeof id === "number" && Number.isSafeInteger(id) ? id : 0;
}

const highestEntry = (id: number): Entry => ({
  key: HIGHEST,
  value: String(id),
  expiresAt: NEVER,
});
