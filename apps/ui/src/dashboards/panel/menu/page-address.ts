import type { BoundVariable, Panel } from "@narthex/dashboards";
import { useMemo } from "react";
import { panelChangesAddress } from "../../data/changes-address.ts";
import { type DashboardContextValue, useDashboardContext } from "../../data/dashboard-context.ts";
import { panelExploreAddress } from "../../data/explore-address.ts";
import { EXPLORED_WIDTH, panelRequest } from "../../data/panel/panel-request.ts";

/** A page about the queries of a panel: "What changed" or Explore. */
export type QueryPage = "changes" | "explore";

/**
 * Returns the address of a page about a panel's queries, with the panel's time range. Undefined if the page cannot show
 * the queries.
 */
export function pageAddress(
  page: QueryPage,
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  context: DashboardContextValue,
): string | undefined {
  const request = panelRequest(panel, scoped, EXPLORED_WIDTH, context);
  return page === "explore" ? panelExploreAddress(request, context) : panelChangesAddress(request, context);
}

/** Returns the address of a page about the queries of a panel of the open dashboard. */
export function usePageAddress(
  page: QueryPage,
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
): string | undefined {
  const context = useDashboardContext();
  return useMemo(() => pageAddress(page, panel, scoped, context), [page, panel, scoped, context]);
}
