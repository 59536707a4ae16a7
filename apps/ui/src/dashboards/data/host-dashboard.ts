import type { Panel, ResolvedTimeRange, SourceListing } from "@narthex/dashboards";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { AddFilter } from "./add-filter.ts";
import type { PanelRequest } from "./panel/panel-request.ts";

/** Which parts of the open dashboard's state a link passes on: time range and variables. */
export interface LinkParameters {
  readonly keepTime: boolean;
  readonly includeVars: boolean;
}

/** Data of the open dashboard that panels need for their own requests. A new object is created at each refresh. */
export interface HostDashboard {
  readonly uid: string;
  readonly sources: readonly SourceListing[];
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  /** The panel's own time range. If the panel has no own time range, this is the dashboard's time range. */
  readonly range: ResolvedTimeRange;
  /**
   * Returns a link to an address of the server, with the dashboard's time range and variables. Undefined if the address
   * is not safe.
   */
  readonly linkTo: (address: string, along: LinkParameters) => string | undefined;
  /** Returns the inputs of a panel's queries, for panels that send their queries again by themselves. */
  readonly requestOf?: (panel: Panel) => PanelRequest;
  /**
   * Returns the function that adds an ad hoc filter for a value of a label to the queries of a panel. Undefined if the
   * dashboard has no ad hoc filters for the panel's data sources.
   */
  readonly filterOf?: (panel: Panel) => AddFilter | undefined;
}

export const HostDashboardContext = createContext<HostDashboard | null>(null);

/** Returns the data of the dashboard that contains the calling panel. */
export function useHostDashboard(): HostDashboard {
  const host = use(HostDashboardContext);
  if (host === null) throw new Error("a panel that sends its own requests is drawn outside of a dashboard");
  return host;
}

/** Time for which answers of earlier refreshes are cached, ms. */
const KEPT_MS = 30_000;

/**
 * Sends a request of a panel, and repeats it at each refresh of the dashboard. The last answer is returned until the
 * next one has arrived.
 * @param key key of the request; panels with the same key share one request and its answer
 */
export function useHostQuery<T>(
  key: readonly unknown[],
  fetchData: (signal: AbortSignal) => Promise<T>,
): UseQueryResult<T> {
  const { now } = useHostDashboard();
  return useQuery({
    queryKey: [...key, now],
    queryFn: ({ signal }) => fetchData(signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: KEPT_MS,
    retry: false,
  });
}
