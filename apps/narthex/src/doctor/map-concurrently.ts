import { mapWithLimit } from "@narthex/runtime";

/** Maximum number of items that are processed at the same time. */
const AT_ONCE = 16;

/**
 * Runs `work` on all items, several at the same time. Resolves with the results in the order of the items. `early`
 * receives each result as soon as it exists.
 */
export function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  early?: (result: R) => void,
): Promise<readonly R[]> {
  return mapWithLimit(items, AT_ONCE, async (item) => {
    const result = await work(item);
    early?.(result);
    return result;
  });
}

/** Returns at most `most` items, spread evenly over the list. */
export function sampleOf<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}
