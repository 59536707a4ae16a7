/** A cache of what was computed from a text, least recently used first out: dashboards repeat their queries. */
export class LruCache<T> {
  readonly #most: number;
  readonly #longest: number;
  readonly #make: (text: string) => T;
  /** The one that was used last stands last. */
  readonly #kept = new Map<string, T>();

  /**
   * @param most how many are kept
   * @param longest UTF-16 units of a text whose thing is kept
   * @param make what it throws is not kept
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
