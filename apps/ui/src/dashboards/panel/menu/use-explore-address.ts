import type { BoundVariable, Panel } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { panelExploreAddress } from "../../data/explore-address.ts";
import { EXPLORED_WIDTH, panelRequest } from "../../data/panel/panel-request.ts";

/** Returns the link that opens a panel's queries in Explore, with its time range. */
export function useExploreAddress(panel: Panel, scoped: ReadonlyMap<string, BoundVariable>): string {
  const context = useDashboardContext();
  return useMemo(
    () => panelExploreAddress(panelRequest(panel, scoped, EXPLORED_WIDTH, context), context),
    [panel, scoped, context],
  );
}
