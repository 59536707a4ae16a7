import { type FetchQueryOptions, type QueryClient, QueryObserver } from "@tanstack/react-query";

/**
 * Requests data as `client.fetchQuery()` does. Callers with the same key share a request. The request is aborted when
 * the signals of all of its readers have aborted.
 */
export async function sharedFetch<T>(
  client: QueryClient,
  options: FetchQueryOptions<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  // The observer keeps the query from being aborted while this caller waits. The observer sends no requests.
  const observer = new QueryObserver(client, { queryKey: options.queryKey, enabled: false });
  const leave = observer.subscribe(() => undefined);
  signal.addEventListener("abort", leave);
  try {
    return await client.fetchQuery(options);
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}
