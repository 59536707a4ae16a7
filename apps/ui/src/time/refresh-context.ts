import { useQuery } from "@tanstack/react-query";
import type { Query, QueryFunction, QueryKey, UseQueryOptions, UseQueryResult } from "@tanstack/react-query";
import { createContext, use, useEffect, useSyncExternalStore } from "react";
import { nowMs } from "./browser-clock.ts";
import { Refresh } from "./refresh.ts";
import type { RefreshState } from "./refresh.ts";

/** The refresh of the queries inside: one for the whole page, unless a part of it has its own. */
export const RefreshContext = createContext(new Refresh());

/** Default refresh interval of a query. */
const usualIntervalMs = 15_000;

/**
 * Returns the refresh of this component's queries and its state; the component renders again when the state changes.
 */
export function useRefresh(): { readonly refresh: Refresh; readonly state: RefreshState } {
  const refresh = use(RefreshContext);
  return { refresh, state: useSyncExternalStore(refresh.subscribe, () => refresh.state) };
}

interface RefreshedQueryOptions<T> extends Omit<UseQueryOptions<T>, "queryFn" | "enabled" | "refetchInterval"> {
  readonly queryFn: QueryFunction<T>;
  readonly enabled?: boolean;
  /** The query's own interval, which applies unless the user selects one; `false` stops it in any case. */
  readonly refetchInterval?: number | false | ((query: Query<T>) => number | false);
}

/** A query that is repeated as the refresh around it says. */
export function useRefreshedQuery<T>(options: RefreshedQueryOptions<T>): UseQueryResult<T> {
  const { queryFn, enabled = true, refetchInterval: own = usualIntervalMs, ...rest } = options;
  const refresh = use(RefreshContext);
  // Not the whole state, since a new answer alone is no reason to render the page again.
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
  useEffect(
    () => (enabled ? refresh.register(() => refetch({ cancelRefetch: false })) : undefined),
    [refresh, enabled, refetch],
  );
  return result;
}
