/** Number of concurrent requests. */
const AT_ONCE = 16;

/**
 * Runs `work` on all items, some of them concurrently. Resolves with the results in the items' order; `early` gets each
 * result as it arises.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  early?: (result: R) => void,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      const result = await work(items[at]!);
      results[at] = result;
      early?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
}

/** Returns at most `most` items, spread evenly over the list. */
export function sampleOf<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}
