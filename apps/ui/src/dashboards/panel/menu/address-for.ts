import type { BoundVariable, Panel } from "@narthex/dashboards";
import type { DashboardContextValue } from "../../data/dashboard-context.ts";
import { panelExploreAddress } from "../../data/explore-address.ts";
import { EXPLORED_WIDTH, panelRequest } from "../../data/panel/panel-request.ts";
import { panelChangesAddress } from "./use-changes-address.ts";

/** Functions that return the URL of a page about a panel's queries; undefined if the page cannot show them. */
export const addressFor = {
  explore: (panel: Panel, scoped: ReadonlyMap<string, BoundVariable>, context: DashboardContextValue): string =>
    panelExploreAddress(panelRequest(panel, scoped, EXPLORED_WIDTH, context), context),
  changes: panelChangesAddress,
};
