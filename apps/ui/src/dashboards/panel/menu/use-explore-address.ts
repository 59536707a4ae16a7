import type { BoundVariable, Panel } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../page/dashboard-context.ts";
import { panelExploreAddress } from "../../share/explore-address.ts";

/** Where a panel's queries are looked into, over the range that the dashboard shows. */
export function useExploreAddress(panel: Panel, scoped: ReadonlyMap<string, BoundVariable>): string {
  const { lookupFor, sources, raw, range } = useDashboardContext();
  return useMemo(
    () => panelExploreAddress(panel, lookupFor(scoped), sources, { raw, range }),
    [panel, lookupFor, scoped, sources, raw, range],
  );
}
