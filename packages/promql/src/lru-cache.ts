/** Caches results by text, because dashboards repeat their queries. Removes the least recently used result first. */
export class LruCache<T> {
  readonly #most: number;
  readonly #longest: number;
  readonly #make: (text: string) => T;
  /** Cached results; the most recently used result is last. */
  readonly #kept = new Map<string, T>();

  /**
   * @param most maximum number of entries
   * @param longest maximum length of a text whose result is cached, in UTF-16 units
   * @param make computes a result; its errors are not cached
   */
  constructor(most: number, longest: number, make: (text: string) => T) {
    this.#most = most;
    this.#longest = longest;
    this.#make = make;
  }

  of(text: string): T {
    if (text.length > this.#longest) return this.#make(text);
    const known = this.#kept.get(text);
    if (known !== undefined) {
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return known;
    }
    const made = this.#make(text);
    this.#kept.set(text, made);
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
    return made;
  }
}
