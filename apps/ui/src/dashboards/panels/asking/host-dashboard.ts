import type { ResolvedTimeRange } from "@narthex/dashboards";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { SourceListing } from "../../query/ask-panel.ts";

/** What a link takes along of the dashboard that it stands on. */
export interface TakenAlong {
  readonly keepTime: boolean;
  readonly includeVars: boolean;
}

/** The open dashboard as panels know it that ask by themselves: a new object with each refresh. */
export interface HostDashboard {
  readonly uid: string;
  readonly sources: readonly SourceListing[];
  /** Epoch ms, of the last refresh. */
  readonly now: number;
  /** Of the dashboard, or the panel's own. */
  readonly range: ResolvedTimeRange;
  /** An address of the role, with the dashboard's range and choices; undefined where it is no safe address. */
  readonly linkTo: (address: string, along: TakenAlong) => string | undefined;
}

export const HostDashboardContext = createContext<HostDashboard | null>(null);

/** The dashboard around a panel that asks by itself. */
export function useHostDashboard(): HostDashboard {
  const host = use(HostDashboardContext);
  if (host === null) throw new Error("a panel that asks by itself is drawn outside of a dashboard");
  return host;
}

/** Answers of refreshes before are forgotten after this. */
const KEPT_MS = 30_000;

/**
 * What a panel asks by itself, anew with each refresh of its dashboard. The last answer stands until the next is there.
 *
 * @param key tells it from what others ask; panels with the same share an answer
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
