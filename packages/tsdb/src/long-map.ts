/**
 * Largest number of entries in one inner Map. V8 allows 2^24 entries. The limit is lower, because tables grow by
 * doubling.
 */
const MAX_ENTRIES = 2 ** 24 - 2 ** 20;

/**
 * A map without a limit for its entries, which consists of several inner Maps. The entries are iterated in the order of
 * insertion.
 */
export class LongMap<K, V> {
  readonly #maxEntries: number;
  readonly #parts: Map<K, V>[] = [new Map()];

  /** @param maxEntries largest number of entries in one of the Maps */
  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0);
  }

  has(key: K): boolean {
    return this.#parts.some((part) => part.has(key));
  }

  get(key: K): V | undefined {
    return this.#partOf(key)?.get(key);
  }

  set(key: K, value: V): void {
    const known = this.#partOf(key);
    if (known !== undefined) {
      known.set(key, value);
      return;
    }
    if (this.#parts.at(-1)!.size >= this.#maxEntries) this.#parts.push(new Map());
    this.#parts.at(-1)!.set(key, value);
  }

  delete(key: K): void {
    this.#partOf(key)?.delete(key);
  }

  clear(): void {
    this.#parts.splice(0, Infinity, new Map());
  }

  *values(): Generator<V> {
    for (const part of this.#parts) yield* part.values();
  }

  *[Symbol.iterator](): Generator<[K, V]> {
    for (const part of this.#parts) yield* part;
  }

  #partOf(key: K): Map<K, V> | undefined {
    return this.#parts.find((part) => part.has(key));
  }
}
