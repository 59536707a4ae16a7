import type { BoundVariable, Panel } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../page/dashboard-context.ts";
import { panelExploreAddress } from "../../share/explore-address.ts";
import { EXPLORED_WIDTH, panelRequest } from "../panel-request.ts";

/** Where a panel's queries are looked into, over the range that it shows. */
export function useExploreAddress(panel: Panel, scoped: ReadonlyMap<string, BoundVariable>): string {
  const context = useDashboardContext();
  return useMemo(
    () => panelExploreAddress(panelRequest(panel, scoped, EXPLORED_WIDTH, context)),
    [panel, scoped, context],
  );
}
