/** A cache of results by text, which drops the least recently used first: dashboards repeat their queries. */
export class LruCache<T> {
  readonly #most: number;
  readonly #longest: number;
  readonly #make: (text: string) => T;
  /** The most recently used last. */
  readonly #kept = new Map<string, T>();

  /**
   * @param most largest number of entries
   * @param longest longest text that is cached, in UTF-16 units
   * @param make computes the result; its errors are not cached
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
