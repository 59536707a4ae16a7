import type { Findings } from "../../model/findings.ts";
import {
  isObject,
  listAt,
  type MutableJson,
  numberOf,
  objectAt,
  objectsAt,
  textAt,
  withoutAbsent,
} from "../../model/json.ts";
import { graphLegend, graphTooltip } from "./graph-legend.ts";
import { isRightAxisUsed, seriesOverridesOf } from "./graph-overrides.ts";
import { graphThresholds } from "./graph-thresholds.ts";
import { colorOverride, deleteKeys, fieldConfigOf, type PanelMigration, reducerOf } from "./panel-migration.ts";

/** Keys that only the old graph panel used. Converted panels do not keep these keys. */
const GRAPH_KEYS = [
  ..."aliasColors bars dashLength dashes decimals error fill fillGradient grid hiddenSeries legend lines".split(" "),
  ..."linewidth nullPointMode percentage pointradius points renderer seriesOverrides spaceLength stack".split(" "),
  ..."steppedLine thresholds timeRegions tooltip xaxis yaxes yaxis leftYAxisLabel rightYAxisLabel y_formats".split(" "),
  ..."x-axis y-axis zerofill bucketSize alert".split(" "),
];

/** Converts the old graph panel to a time series, or to a bar chart or histogram, depending on its x axis. */
export const graphMigration: PanelMigration = {
  kinds: ["graph"],
  migrate(panel, path, findings) {
    reportLosses(panel, path, findings);
    const xaxis = objectAt(panel, "xaxis") ?? {};
    const mode = textAt(xaxis, "mode");
    const axes = objectsAt(panel, "yaxes");
    const { defaults, overrides } = fieldConfigOf(panel);
    Object.assign(defaults, axisConfig(axes[0] ?? {}));
    if (defaults["decimals"] === undefined && numberOf(panel["decimals"]) !== undefined)
      defaults["decimals"] = numberOf(panel["decimals"]);
    const custom = withoutAbsent({ ...objectAt(defaults, "custom"), ...axisCustom(axes[0] ?? {}), ...drawing(panel) });
    defaults["custom"] = custom;
    addOverrides(panel, axes, overrides);
    Object.assign(defaults, graphThresholds(panel, custom));
    const links = listAt(objectAt(panel, "options") ?? {}, "dataLinks");
    if (links.length > 0) defaults["links"] = links;
    panel["options"] = { legend: graphLegend(panel), tooltip: graphTooltip(panel) };
    if (custom["axisPlacement"] === "hidden" && xaxis["show"] !== false) overrides.push(timeAxis("auto"));
    if (xaxis["show"] === false) overrides.push(timeAxis("hidden"));
    const kind = mode === "series" ? "barchart" : mode === "histogram" ? "histogram" : "timeseries";
    if (kind === "barchart") asBars(panel, xaxis);
    if (kind === "histogram") asHistogram(panel, xaxis, defaults);
    panel["type"] = kind;
    deleteKeys(panel, GRAPH_KEYS);
    const words = { barchart: "a bar chart", histogram: "a histogram", timeseries: "a time series" };
    findings.change(path, `The graph became ${words[kind]}.`);
  },
};

function reportLosses(panel: MutableJson, path: string, findings: Findings): void {
  if (listAt(panel, "timeRegions").length > 0)
    findings.problem(`${path}.timeRegions`, "Time regions of the graph are not drawn; use an annotation instead.");
  if (isObject(panel["alert"]))
    findings.problem(`${path}.alert`, "The alert of the graph was not converted; write it as an alerting rule.");
  if (panel["nullPointMode"] === "null as zero")
    findings.problem(
      `${path}.nullPointMode`,
      'Missing values were drawn as zero and are now gaps; to get zeros, add "or vector(0)" to the query.',
    );
}

/** Returns the field settings of a y axis: its unit, decimals and limits. */
function axisConfig(axis: Readonly<MutableJson>): MutableJson {
  return withoutAbsent({
    unit: textAt(axis, "format") || undefined,
    decimals: numberOf(axis["decimals"]),
    min: numberOf(axis["min"]),
    max: numberOf(axis["max"]),
  });
}

/** Returns the `custom` field settings of a y axis: how the axis is drawn. */
function axisCustom(axis: Readonly<MutableJson>): MutableJson {
  const log = numberOf(axis["logBase"]);
  return withoutAbsent({
    axisPlacement: axis["show"] === false ? "hidden" : "auto",
    axisLabel: textAt(axis, "label") || undefined,
    scaleDistribution: log === 2 || log === 10 ? { type: "log", log } : undefined,
  });
}

function drawing(panel: MutableJson): MutableJson {
  const style = panel["bars"] ? "bars" : panel["lines"] === false ? "points" : "line";
  const radius = numberOf(panel["pointradius"]);
  const gradient = numberOf(panel["fillGradient"]) ?? 0;
  const hasBands = objectsAt(panel, "seriesOverrides").some((override) => override["fillBelowTo"]);
  return {
    drawStyle: style,
    showPoints: panel["points"] ? "always" : style === "points" ? "auto" : "never",
    pointSize: panel["points"] && radius !== undefined ? 2 + radius * 2 : undefined,
    lineWidth: numberOf(panel["linewidth"]) ?? 1,
    lineStyle: panel["dashes"]
      ? { fill: "dash", dash: [numberOf(panel["dashLength"]) ?? 10, numberOf(panel["spaceLength"]) ?? 10] }
      : undefined,
    fillOpacity: opacity(panel, style, gradient, hasBands),
    gradientMode: gradient > 0 ? "opacity" : "none",
    lineInterpolation: panel["steppedLine"] ? "stepAfter" : "linear",
    spanNulls: panel["nullPointMode"] === "connected",
    stacking: { mode: panel["stack"] ? (panel["percentage"] ? "percent" : "normal") : "none", group: "A" },
  };
}

/**
 * Returns the fill opacity of a converted graph in percent. In a graph, the fill was a number from 0 to 10, bars were
 * solid, and bands between series had a fixed opacity.
 */
function opacity(panel: MutableJson, style: string, gradient: number, hasBands: boolean): number {
  if (style === "bars") return 100;
  if (gradient > 0) return gradient * 10;
  return hasBands ? 35 : (numberOf(panel["fill"]) ?? 1) * 10;
}

function addOverrides(panel: MutableJson, axes: readonly MutableJson[], overrides: unknown[]): void {
  for (const [alias, color] of Object.entries(objectAt(panel, "aliasColors") ?? {}))
    if (typeof color === "string" && color !== "") overrides.push(colorOverride(alias, color));
  const right = isRightAxisUsed(panel) ? (axes[1] ?? {}) : {};
  for (const item of seriesOverridesOf(panel, { ...axisConfig(right), custom: axisCustom(right) }))
    overrides.push(item);
}

function timeAxis(placement: string): MutableJson {
  return {
    matcher: { id: "byType", options: "time" },
    properties: [{ id: "custom.axisPlacement", value: placement }],
  };
}

/**
 * Converts a graph to a bar chart with one bar for each series. The x axis names the calculation whose result the bar
 * shows.
 */
function asBars(panel: MutableJson, xaxis: MutableJson): void {
  const reducer = reducerOf(listAt(xaxis, "values")[0]) ?? "sum";
  panel["transformations"] = [
    ...listAt(panel, "transformations"),
    { id: "reduce", options: { reducers: [reducer], mode: "seriesToRows" } },
  ];
  panel["options"] = { ...objectAt(panel, "options"), orientation: "vertical", xField: "Field" };
}

function asHistogram(panel: MutableJson, xaxis: MutableJson, defaults: MutableJson): void {
  const buckets = numberOf(xaxis["buckets"]);
  panel["options"] = {
    ...objectAt(panel, "options"),
    combine: Boolean(panel["stack"]),
    ...(buckets !== undefined && { bucketCount: buckets }),
  };
  defaults["custom"] = { fillOpacity: 80, lineWidth: 1, gradientMode: "none" };
}
