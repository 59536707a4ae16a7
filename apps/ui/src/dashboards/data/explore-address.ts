import { type Panel, type PanelQuery, prepareQueries, type RawTimeRange } from "@narthex/dashboards";
import type { PanelRequest } from "./panel/panel-request.ts";

/** Reports whether a panel has a query that is not hidden. */
export const hasQueries = (panel: Panel): boolean => panel.targets.some(({ hide }) => !hide);

/** Queries and time range to open in Explore. Variables are already replaced. */
export interface ExploredQueries {
  readonly queries: readonly Pick<PanelQuery, "refId" | "datasource" | "source">[];
  readonly raw: RawTimeRange;
}

/** Returns the address of the Explore page, in Grafana's format. */
export function exploreAddress({ queries, raw }: ExploredQueries): string {
  const panes = {
    a: {
      datasource: queries[0]?.datasource.uid ?? "",
      queries: queries.map(({ refId, datasource, source }) => ({ ...source, refId, datasource })),
      range: raw,
    },
  };
  return `/explore?${new URLSearchParams({ schemaVersion: "1", panes: JSON.stringify(panes), orgId: "1" })}`;
}

/** Returns the address that opens a panel's queries in Explore, with their variables replaced. */
export function panelExploreAddress(request: PanelRequest): string {
  const { raw, range } = request.time;
  const { queries } = range === undefined ? { queries: [] } : prepareQueries({ ...request, range });
  return exploreAddress({ queries, raw });
}
