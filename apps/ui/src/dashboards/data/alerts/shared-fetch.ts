import { type FetchQueryOptions, hashKey, type QueryClient } from "@tanstack/react-query";

/** Number of readers of each request in progress, by the hash of its key. */
const readersOf = new WeakMap<QueryClient, Map<string, number>>();

/**
 * Requests data as `client.fetchQuery()` does. Callers with the same key share a request. The request is aborted when the
 * signals of all of its readers have aborted.
 */
export async function sharedFetch<T>(
  client: QueryClient,
  options: FetchQueryOptions<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const { queryKey } = options;
  const hash = hashKey(queryKey);
  const readers = readersOf.get(client) ?? new Map<string, number>();
  readersOf.set(client, readers);
  readers.set(hash, (readers.get(hash) ?? 0) + 1);
  let isReading = true;
  const leave = (): void => {
    if (!isReading) return;
    isReading = false;
    const left = readers.get(hash)! - 1;
    if (left > 0) return void readers.set(hash, left);
    readers.delete(hash);
    if (signal.aborted) void client.cancelQueries({ queryKey, exact: true });
  };
  signal.addEventListener("abort", leave);
  try {
    return await client.fetchQuery(options);
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}
