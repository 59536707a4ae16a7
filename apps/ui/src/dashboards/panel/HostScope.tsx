import { type BoundVariable, linkAddress, type ResolvedTimeRange } from "@narthex/dashboards";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { filterAdder } from "../data/add-filter.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { EXPLORED_WIDTH, panelRequest } from "../data/panel/panel-request.ts";
import { type HostDashboard, HostDashboardContext } from "../data/host-dashboard.ts";

interface HostScopeProps {
  /** Time range of the panel, if it differs from the dashboard's range. */
  readonly range: ResolvedTimeRange | undefined;
  /** Variables whose values in this repeat differ from the dashboard's. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  readonly children: ReactNode;
}

/** Provides the dashboard's data to a panel that sends its own requests. */
export function HostScope({ range: own, scoped, children }: HostScopeProps) {
  const { dashboard, sources, filters, now, raw, range, states, pending, choose, lookupFor, zone, calendar, compare } =
    useDashboardContext();
  const { uid } = dashboard;
  // Contains only what requests depend on, so that other changes, such as of marks, draw no panel again.
  const context = useMemo(
    () => ({ dashboard, sources, filters, now, raw, range, pending, lookupFor, zone, calendar, compare }),
    [dashboard, sources, filters, now, raw, range, pending, lookupFor, zone, calendar, compare],
  );
  const host = useMemo(
    (): HostDashboard => ({
      uid,
      sources,
      now,
      range: own ?? range,
      // `linkTo` replaces no variables, because the address comes from the server, and contains a title that may look
      // like a variable.
      requestOf: (panel) => panelRequest(panel, scoped, EXPLORED_WIDTH, context),
      filterOf: (panel) => filterAdder(panel, { states, sources, lookup: lookupFor(), choose }),
      linkTo: (url, along) => linkAddress({ url, ...along }, { raw, states, lookup: () => undefined }),
    }),
    [uid, sources, now, own, range, raw, states, choose, lookupFor, scoped, context],
  );
  return <HostDashboardContext value={host}>{children}</HostDashboardContext>;
}
