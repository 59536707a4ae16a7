/** Default limit of simultaneous requests of one discoverer to a service. */
const MAX_AT_ONCE = 8;

/**
 * Requests something for each item, a few at once, and returns the results in the order of the items. Rejects with the
 * first failure; no further request begins then.
 */
export async function requestEach<T, R>(
  items: readonly T[],
  request: (item: T) => Promise<R>,
  atOnce: number = MAX_AT_ONCE,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const take = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const i = next++;
      try {
        results[i] = await request(items[i]!);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, take));
  return results;
}
