import type { JsonObject } from "@narthex/dashboards";
import type { Panel } from "../../query-link/panel.ts";

/** Longest title of a panel that is made from a query, characters. */
const MAX_TITLE = 80;

/** Returns the JSON of a dashboard's panel that shows a query as the query page does. */
export function panelOfQuery({ expr, tab, unit, displayMode, yAxisMin }: Panel, uid: string): JsonObject {
  const datasource = { type: "prometheus", uid };
  const isTable = tab === "table";
  const defaults = {
    ...(unit !== "" && { unit }),
    ...(!isTable && yAxisMin !== null && { min: yAxisMin }),
    ...(!isTable && displayMode === "stacked" && { custom: { stacking: { mode: "normal" }, fillOpacity: 40 } }),
  };
  const oneLine = expr.replaceAll(/\s+/g, " ").trim();
  return {
    type: isTable ? "table" : displayMode === "heatmap" ? "heatmap" : "timeseries",
    title: oneLine.length > MAX_TITLE ? `${oneLine.slice(0, MAX_TITLE)}…` : oneLine,
    datasource,
    targets: [
      {
        refId: "A",
        datasource,
        expr,
        ...(isTable ? { instant: true, range: false, format: "table" } : { range: true }),
        ...(displayMode === "heatmap" && !isTable && { format: "heatmap" }),
      },
    ],
    fieldConfig: { defaults, overrides: [] },
    options: {},
  };
}
