import { useQuery } from "@tanstack/react-query";
import type { Query, QueryFunction, QueryKey, UseQueryOptions, UseQueryResult } from "@tanstack/react-query";
import { createContext, use, useEffect, useSyncExternalStore } from "react";
import { nowMs } from "./browser-clock.ts";
import { Refresh } from "./refresh.ts";
import type { RefreshState } from "./refresh.ts";

/** Provides the object that controls how often queries are repeated. A part of a page may have its own. */
export const RefreshContext = createContext(new Refresh());

/** Default interval at which a query is repeated, ms. */
const usualIntervalMs = 15_000;

/**
 * Returns the object that controls the refresh of this component's queries, and its state. The component renders again
 * when the state changes.
 */
export function useRefresh(): { readonly refresh: Refresh; readonly state: RefreshState } {
  const refresh = use(RefreshContext);
  return { refresh, state: useSyncExternalStore(refresh.subscribe, () => refresh.state) };
}

interface RefreshedQueryOptions<T> extends Omit<UseQueryOptions<T>, "queryFn" | "enabled" | "refetchInterval"> {
  readonly queryFn: QueryFunction<T>;
  readonly enabled?: boolean;
  /**
   * Interval at which the query is repeated, ms, unless the user selects another. `false` always disables the
   * repetition.
   */
  readonly refetchInterval?: number | false | ((query: Query<T>) => number | false);
}

/** Runs a query that is repeated at the interval of the `Refresh` around the component. */
export function useRefreshedQuery<T>(options: RefreshedQueryOptions<T>): UseQueryResult<T> {
  const { queryFn, enabled = true, refetchInterval: own = usualIntervalMs, ...rest } = options;
  const refresh = use(RefreshContext);
  // Subscribes only to the interval. The time of the last response also changes the state, but must not render the page
  // again.
  useSyncExternalStore(refresh.subscribe, () => refresh.state.intervalMs);
  useSyncExternalStore(refresh.subscribe, () => refresh.state.isPaused);
  const result = useQuery<T, Error, T, QueryKey>({
    ...rest,
    enabled,
    queryFn: async (context) => {
      const answer = await queryFn(context);
      refresh.recordAnswer(nowMs());
      return answer;
    },
    refetchInterval: (query) => refresh.intervalOf(typeof own === "function" ? own(query) : own),
  });
  const { refetch } = result;
  const isRepeated = own !== false;
  useEffect(
    () => (enabled ? refresh.register(() => refetch({ cancelRefetch: false }), isRepeated) : undefined),
    [refresh, enabled, refetch, isRepeated],
  );
  return result;
}
