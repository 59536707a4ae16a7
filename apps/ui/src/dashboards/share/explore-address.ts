import type { Panel, RawTimeRange } from "@narthex/dashboards";
import type { PanelRequest } from "../panel/panel-request.ts";
import { prepareQueries } from "../query/ask-panel.ts";
import type { PanelQuery } from "../query/query-client.ts";

/** Whether a panel asks anything. */
export const hasQueries = (panel: Panel): boolean => panel.targets.some(({ hide }) => !hide);

/** What is looked into: queries as their source is asked them, over a range. */
export interface ExploredQueries {
  readonly queries: readonly Pick<PanelQuery, "refId" | "datasource" | "source">[];
  readonly raw: RawTimeRange;
}

/** The address of the page that looks into queries, in the form that Grafana's addresses have. */
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

/** The address that looks into a panel's queries, their variables filled in. */
export function panelExploreAddress(request: PanelRequest): string {
  const { raw, range } = request.time;
  const { queries } = range === undefined ? { queries: [] } : prepareQueries({ ...request, range });
  return exploreAddress({ queries, raw });
}
