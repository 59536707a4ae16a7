import { linkAddress, type ResolvedTimeRange } from "@narthex/dashboards";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { filterAdder } from "../data/add-filter.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { type HostDashboard, HostDashboardContext } from "../data/host-dashboard.ts";

/**
 * Provides the dashboard's data to a panel that sends its own requests.
 * @param range time range of the panel, if it differs from the dashboard's range
 */
export function HostScope({ range: own, children }: { range: ResolvedTimeRange | undefined; children: ReactNode }) {
  const { dashboard, sources, now, raw, range, states, choose, lookupFor } = useDashboardContext();
  const { uid } = dashboard;
  const host = useMemo(
    (): HostDashboard => ({
      uid,
      sources,
      now,
      range: own ?? range,
      // `linkTo` replaces no variables, because the address comes from the server, and contains a title that may look
      // like a variable.
      filterOf: (panel) => filterAdder(panel, { states, sources, lookup: lookupFor(), choose }),
      linkTo: (url, along) => linkAddress({ url, ...along }, { raw, states, lookup: () => undefined }),
    }),
    [uid, sources, now, own, range, raw, states, choose, lookupFor],
  );
  return <HostDashboardContext value={host}>{children}</HostDashboardContext>;
}
