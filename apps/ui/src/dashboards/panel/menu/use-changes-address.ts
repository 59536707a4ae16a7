import { type BoundVariable, hasFeature, type Panel, prepareQueries } from "@narthex/dashboards";
import { useMemo } from "react";
import { changesAddress } from "../../../query-link/change-choice.ts";
import { type DashboardContextValue, useDashboardContext } from "../../data/dashboard-context.ts";
import { EXPLORED_WIDTH, panelRequest } from "../../data/panel/panel-request.ts";

/**
 * Returns the URL of the page "What changed" for a panel's queries. The page compares with the dashboard's earlier time
 * range, or with the preceding range. Undefined if no query reads metrics.
 */
export function panelChangesAddress(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  context: DashboardContextValue,
): string | undefined {
  const request = panelRequest(panel, scoped, EXPLORED_WIDTH, context);
  const { raw, range } = request.time;
  if (range === undefined) return undefined;
  const { queries } = prepareQueries({ ...request, range });
  const source = request.sources.find(
    (one) => hasFeature(one, "metrics") && queries.some(({ datasource }) => datasource.uid === one.uid),
  )?.uid;
  const exprs = queries.flatMap(({ datasource, source: { expr } }) =>
    datasource.uid === source && typeof expr === "string" && expr !== "" ? [expr] : [],
  );
  if (source === undefined || exprs.length === 0) return undefined;
  const { unit = "" } = panel.fieldConfig.defaults;
  return changesAddress({
    source,
    job: "",
    search: "",
    exprs,
    unit,
    raw,
    zone: context.zone,
    compare: context.compare,
  });
}

/** Returns the URL of the page "What changed" for a panel of the open dashboard. */
export function useChangesAddress(panel: Panel, scoped: ReadonlyMap<string, BoundVariable>): string | undefined {
  const context = useDashboardContext();
  return useMemo(() => panelChangesAddress(panel, scoped, context), [panel, scoped, context]);
}
