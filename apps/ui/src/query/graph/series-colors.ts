/** Among more series than this nobody looks for one by its colour. */
const rememberedLimit = 1000;

/**
 * Which of the colours each series has. A series keeps its colour while others come and go; a new one takes the first colour
 * that is free, so that as few as possible share one.
 */
export class SeriesColors {
  #indexes: ReadonlyMap<string, number> = new Map();

  /** The colours' indexes for the series with these keys, in their order. */
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
    // Those that are away for an answer have theirs back when they return, unless another one took it.
    this.#indexes = assigned.size > rememberedLimit ? assigned : new Map([...this.#indexes, ...assigned]);
    return keys.map((key) => assigned.get(key) ?? 0);
  }
}
