/** A gauge whose only label is `filename`. */
interface FileGauge {
  set(labels: { readonly filename: string }, value: number): void;
  remove(labels: { readonly filename: string }): void;
}

/**
 * Exports the modification times of the files that discoverers read. A file is exported as long as at least one
 * discoverer reads it.
 */
export class FileTimes {
  readonly #gauge: FileGauge;
  /** Modification times of files in seconds since 1970, by discoverer and path. */
  readonly #times = new Map<object, ReadonlyMap<string, number>>();

  constructor(gauge: FileGauge) {
    this.#gauge = gauge;
  }

  /**
   * Sets the modification times of all files that a discoverer reads. An empty map means that the discoverer has
   * stopped.
   */
  set(reader: object, times: ReadonlyMap<string, number>): void {
    const before = this.#times.get(reader) ?? new Map<string, number>();
    if (times.size === 0) this.#times.delete(reader);
    else this.#times.set(reader, times);
    for (const [filename, seconds] of times) this.#gauge.set({ filename }, seconds);
    const others = [...this.#times.values()];
    for (const filename of before.keys()) {
      if (!others.some((each) => each.has(filename))) this.#gauge.remove({ filename });
    }
  }
}
