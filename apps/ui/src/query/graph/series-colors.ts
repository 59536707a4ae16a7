/** Maximum number of series whose colours are remembered. With more, colours do not identify a series anyway. */
const rememberedLimit = 1000;

/**
 * Assigns colours to series. A series keeps its colour while others come and go, and a new series gets the first unused
 * colour.
 */
export class SeriesColors {
  #indexes: ReadonlyMap<string, number> = new Map();

  /** Returns the colour index for each series key. */
  assign(keys: readonly string[]): number[] {
    const kept = new Set<number>();
    const assigned = new Map<string, number>();
    for (const key of keys) {
      const index = this.#indexes.get(key);
      if (index === undefined || kept.has(index)) continue;
      kept.add(index);
      assigned.set(key, index);
    }
    let free = 0;
    for (const key of keys) {
      if (assigned.has(key)) continue;
      while (kept.has(free)) free++;
      assigned.set(key, free++);
    }
    // A series that is missing in one result gets its colour back when it returns, unless another series has taken the
    // colour.
    this.#indexes = assigned.size > rememberedLimit ? assigned : new Map([...this.#indexes, ...assigned]);
    return keys.map((key) => assigned.get(key) ?? 0);
  }
}
