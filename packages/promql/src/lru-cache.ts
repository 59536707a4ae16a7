/** Cache of results by text, since dashboards repeat their queries. The least recently used result is removed first. */
export class LruCache<T> {
  readonly #most: number;
  readonly #longest: number;
  readonly #make: (text: string) => T;
  /** Cached results; the most recently used is the last. */
  readonly #kept = new Map<string, T>();

  /**
   * @param most largest number of entries
   * @param longest length of the longest text that is cached, in UTF-16 units
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
