import type { ResolvedTimeRange } from "@narthex/dashboards";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { SourceListing } from "../../query/ask-panel.ts";

/** The settings of the open dashboard that a link passes on. */
export interface TakenAlong {
  readonly keepTime: boolean;
  readonly includeVars: boolean;
}

/** The open dashboard for panels that send their own requests. A new object is created at each refresh. */
export interface HostDashboard {
  readonly uid: string;
  readonly sources: readonly SourceListing[];
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  /** Time range of the dashboard, or the panel's own. */
  readonly range: ResolvedTimeRange;
  /**
   * Returns a link to an address of the server, with the dashboard's time range and variables. Undefined if the address
   * is not safe.
   */
  readonly linkTo: (address: string, along: TakenAlong) => string | undefined;
}

export const HostDashboardContext = createContext<HostDashboard | null>(null);

/** Returns the dashboard that contains a panel which sends its own requests. */
export function useHostDashboard(): HostDashboard {
  const host = use(HostDashboardContext);
  if (host === null) throw new Error("a panel that asks by itself is drawn outside of a dashboard");
  return host;
}

/** Time for which answers of earlier refreshes are kept. */
const KEPT_MS = 30_000;

/**
 * Sends a panel's own request, again at each refresh of its dashboard. The last answer is shown until the next has
 * arrived.
 *
 * @param key distinguishes it from other requests; panels with the same key share an answer
 */
export function useHostQuery<T>(key: readonly unknown[], ask: (signal: AbortSignal) => Promise<T>): UseQueryResult<T> {
  const { now } = useHostDashboard();
  return useQuery({
    queryKey: [...key, now],
    queryFn: ({ signal }) => ask(signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: KEPT_MS,
    retry: false,
  });
}
