import { type MutableJson, numberOf, objectAt, textAt } from "../../model/json.ts";
import { colorOverride, deleteKeys, fieldConfigOf, type PanelMigration, reducerOf } from "./panel-migration.ts";

const PIE_KEYS = [
  ..."aliasColors breakPoint combine decimals fontSize format legend legendType maxDataPoints nullPointMode".split(" "),
  ..."pieType strokeWidth valueName cacheTimeout".split(" "),
];

/** Turns the pie chart plugin into the built-in pie chart. */
export const pieChartMigration: PanelMigration = {
  kinds: ["grafana-piechart-panel"],
  migrate(panel, path, findings) {
    const { defaults, overrides } = fieldConfigOf(panel);
    for (const [alias, color] of Object.entries(objectAt(panel, "aliasColors") ?? {}))
      if (typeof color === "string" && color !== "") overrides.push(colorOverride(alias, color));
    if (textAt(panel, "format") !== "") defaults["unit"] = textAt(panel, "format");
    defaults["decimals"] = numberOf(panel["decimals"]) ?? 0;
    const combine = objectAt(panel, "combine");
    if ((numberOf(combine?.["threshold"]) ?? 0) > 0)
      findings.problem(`${path}.combine`, "Small slices were combined into one; each is now shown separately.");
    panel["options"] = optionsOf(panel);
    panel["type"] = "piechart";
    deleteKeys(panel, PIE_KEYS);
    findings.change(path, "The pie chart of the plugin was converted to the built-in pie chart.");
  },
};

function optionsOf(panel: MutableJson): MutableJson {
  const legend = objectAt(panel, "legend") ?? {};
  const shown = [...(legend["values"] ? ["value"] : []), ...(legend["percentage"] ? ["percent"] : [])];
  const isOnGraph = panel["legendType"] === "On graph";
  return {
    pieType: panel["pieType"] === "donut" ? "donut" : "pie",
    reduceOptions: { values: false, calcs: [reducerOf(panel["valueName"]) ?? "lastNotNull"], fields: "" },
    legend: {
      showLegend: legend["show"] !== false && !isOnGraph,
      displayMode: "table",
      placement: panel["legendType"] === "Under graph" ? "bottom" : "right",
      values: shown,
      calcs: [],
    },
    displayLabels: isOnGraph ? ["name", ...shown] : [],
  };
}
