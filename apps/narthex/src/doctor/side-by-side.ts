/** Answers waited for at once. */
const AT_ONCE = 16;

/** Results of `work` on all items, in their order, some of them at a time; each is told `early` too, as it arises. */
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

/** At most so many items, taken evenly from first to last. */
export function sampleOf<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}
