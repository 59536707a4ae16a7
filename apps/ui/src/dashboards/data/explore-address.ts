import { type Panel, type PanelQuery, prepareQueries, type RawTimeRange } from "@narthex/dashboards";
import { shownTimeZone } from "../../shell/time-zone.ts";
import type { DashboardContextValue } from "./dashboard-context.ts";
import type { PanelRequest } from "./panel/panel-request.ts";

/** Reports whether a panel has a query that is not hidden. */
export const hasQueries = (panel: Panel): boolean => panel.targets.some(({ hide }) => !hide);

/** How the results of explored queries are shown. */
export interface ExploredLook {
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare: string;
  /** Unit of the values; empty for plain numbers. */
  readonly unit: string;
  /** Time zone; empty for the user's zone. */
  readonly timezone: string;
}

/** Queries and time range to open in Explore. Variables of the dashboard are already replaced. */
export interface ExploredQueries {
  readonly queries: readonly Pick<PanelQuery, "refId" | "datasource" | "source">[];
  readonly raw: RawTimeRange;
  readonly look?: ExploredLook;
}

/** Returns the address of the Explore page, in Grafana's format. Grafana ignores the look. */
export function exploreAddress({ queries, raw, look }: ExploredQueries): string {
  const panes = {
    a: {
      datasource: queries[0]?.datasource.uid ?? "",
      queries: queries.map(({ refId, datasource, source }) => ({ ...source, refId, datasource })),
      range: raw,
      ...(look !== undefined && { narthex: look }),
    },
  };
  return `/explore?${new URLSearchParams({ schemaVersion: "1", panes: JSON.stringify(panes), orgId: "1" })}`;
}

/** The properties of an open dashboard that Explore keeps. */
type ExploredContext = Pick<DashboardContextValue, "raw" | "shown" | "compare" | "zone"> & {
  readonly dashboard: Pick<DashboardContextValue["dashboard"], "nowDelay">;
};

/** Returns the time range that a panel shows. Its end is earlier than now by the dashboard's delay. */
function exploredRange({ time }: PanelRequest, { raw, shown, dashboard: { nowDelay } }: ExploredContext): RawTimeRange {
  if (time.raw !== raw) return time.raw;
  return shown.to.trim() === "now" && /^\d+[smhd]$/.test(nowDelay) ? { ...shown, to: `now-${nowDelay}` } : shown;
}

/**
 * Returns the address that opens a panel's queries in Explore, with the values of the dashboard's variables. Variables
 * for the step and the range stay, because the user may change the range.
 */
export function panelExploreAddress(request: PanelRequest, context: ExploredContext): string {
  const { panel, earlier } = request;
  const { range } = request.time;
  const lookup: PanelRequest["lookup"] = (name, part) =>
    name.startsWith("__range") ? undefined : request.lookup(name, part);
  const { queries } = range === undefined ? { queries: [] } : prepareQueries({ ...request, lookup, range });
  const { unit } = panel.fieldConfig.defaults;
  return exploreAddress({
    queries,
    raw: exploredRange(request, context),
    look: {
      compare: earlier === undefined ? "" : context.compare,
      unit: typeof unit === "string" ? unit : "",
      timezone: context.zone === shownTimeZone() ? "" : context.zone,
    },
  });
}
