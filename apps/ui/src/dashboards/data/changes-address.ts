import { hasFeature, prepareQueries } from "@narthex/dashboards";
import { changesAddress } from "../../query-link/change-choice.ts";
import type { DashboardContextValue } from "./dashboard-context.ts";
import type { PanelRequest } from "./panel/panel-request.ts";

/**
 * Returns the URL of the page "What changed" for a panel's queries. The page compares with the dashboard's earlier time
 * range, or with the preceding range. Undefined if no query reads metrics.
 */
export function panelChangesAddress(
  request: PanelRequest,
  { zone, compare }: Pick<DashboardContextValue, "zone" | "compare">,
): string | undefined {
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
  const { unit = "" } = request.panel.fieldConfig.defaults;
  return changesAddress({ source, job: "", search: "", exprs, unit, raw, zone, compare });
}
