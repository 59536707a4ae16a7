import { type FetchQueryOptions, type QueryClient, QueryObserver } from "@tanstack/react-query";

/**
 * Requests data as `client.fetchQuery()` does. Callers with the same key share one request, which is aborted when the
 * signals of all callers have aborted.
 */
export async function sharedFetch<T>(
  client: QueryClient,
  options: FetchQueryOptions<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  // An observer without requests of its own keeps the shared query from being aborted while this caller waits.
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
