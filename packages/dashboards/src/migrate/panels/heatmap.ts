import { type MutableJson, numberOf, objectAt, textAt, withoutAbsent } from "../../model/json.ts";
import { deleteKeys, fieldConfigOf, type PanelMigration } from "./panel-migration.ts";

const HEATMAP_KEYS = [
  ..."cards color dataFormat heatmap hideZeroBuckets highlightCards legend reverseYBuckets tooltip tooltipDecimals".split(
    " ",
  ),
  ..."xAxis xBucketNumber xBucketSize yAxis yBucketBound yBucketNumber yBucketSize".split(" "),
];

const LAYOUTS: Readonly<Record<string, string>> = { upper: "ge", lower: "le", middle: "unknown" };

/**
 * Migrates heatmaps that stored settings next to `options`, and the experimental version (`heatmap-new`) of the current
 * heatmap.
 */
export const heatmapMigration: PanelMigration = {
  kinds: ["heatmap", "heatmap-new", "heatmap-old"],
  migrate(panel, path, findings) {
    if (panel["type"] === "heatmap-new") {
      renameTrial(panel);
      findings.change(path, "The panel type heatmap-new was replaced by heatmap.");
      return;
    }
    const axis = { logBase: 1, ...objectAt(panel, "yAxis") };
    fieldConfigOf(panel);
    panel["options"] = optionsOf(panel, axis);
    panel["type"] = "heatmap";
    deleteKeys(panel, HEATMAP_KEYS);
    findings.change(path, "The settings of the old heatmap were moved into its options.");
  },
};

function renameTrial(panel: MutableJson): void {
  const options = objectAt(panel, "options") ?? {};
  const frame = options["bucketFrame"];
  if (frame !== undefined) options["rowsFrame"] = frame;
  delete options["bucketFrame"];
  panel["options"] = options;
  panel["type"] = "heatmap";
}

function optionsOf(panel: MutableJson, axis: MutableJson): MutableJson {
  const calculate = textAt(panel, "dataFormat") !== "tsbuckets";
  const cards = objectAt(panel, "cards") ?? {};
  const tooltip = objectAt(panel, "tooltip") ?? {};
  const layout = textAt(panel, "yBucketBound");
  return {
    calculate,
    calculation: calculate ? calculationOf(panel, axis) : {},
    color: colorOf(objectAt(panel, "color") ?? {}),
    cellGap: numberOf(cards["cardPadding"]) ?? 2,
    cellRadius: numberOf(cards["cardRound"]) ?? 0,
    yAxis: withoutAbsent({
      axisPlacement: axis["show"] === false ? "hidden" : "left",
      reverse: Boolean(panel["reverseYBuckets"]),
      axisWidth: numberOf(axis["width"]),
      min: numberOf(axis["min"]),
      max: numberOf(axis["max"]),
      unit: textAt(axis, "format") || undefined,
      decimals: numberOf(axis["decimals"]),
    }),
    cellValues: withoutAbsent({ decimals: numberOf(panel["tooltipDecimals"]) }),
    rowsFrame: { layout: Object.hasOwn(LAYOUTS, layout) ? LAYOUTS[layout] : "auto" },
    legend: { show: Boolean(objectAt(panel, "legend")?.["show"]) },
    showValue: "never",
    tooltip: {
      mode: tooltip["show"] === false ? "none" : "single",
      yHistogram: Boolean(tooltip["showHistogram"]),
      showColorScale: false,
    },
    exemplars: { color: "rgba(255,0,255,0.7)" },
    ...(panel["hideZeroBuckets"] === true && { filterValues: { le: 1e-9 } }),
  };
}

function calculationOf(panel: MutableJson, axis: MutableJson): MutableJson {
  const log = numberOf(axis["logBase"]) ?? 1;
  const split = numberOf(axis["splitFactor"]);
  const ofY =
    log > 1
      ? { mode: "count", ...(split !== undefined && split > 0 && { value: `${split}` }), scale: { type: "log", log } }
      : buckets(panel, "y");
  return withoutAbsent({ xBuckets: buckets(panel, "x"), yBuckets: ofY });
}

function buckets(panel: MutableJson, axis: "x" | "y"): MutableJson | undefined {
  const size = panel[`${axis}BucketSize`];
  const count = panel[`${axis}BucketNumber`];
  if (typeof size === "string" || typeof size === "number") return { mode: "size", value: `${size}` };
  return typeof count === "string" || typeof count === "number" ? { mode: "count", value: `${count}` } : undefined;
}

function colorOf(color: MutableJson): MutableJson {
  const isOpacity = color["mode"] === "opacity";
  const scheme = textAt(color, "colorScheme").replace(/^interpolate/, "");
  const exponent = color["colorScale"] === "sqrt" ? 0.5 : numberOf(color["exponent"]);
  const ends = [numberOf(color["min"]), numberOf(color["max"])];
  const isReversed = ends[0] !== undefined && ends[1] !== undefined && ends[0] > ends[1];
  const [min, max] = isReversed ? ends.toReversed() : ends;
  return withoutAbsent({
    mode: isOpacity ? "opacity" : "scheme",
    scheme: scheme === "" ? "Oranges" : scheme,
    fill: textAt(color, "cardColor") || "dark-orange",
    scale: isOpacity && color["colorScale"] === "linear" ? "linear" : "exponential",
    exponent: exponent ?? 0.5,
    steps: 128,
    reverse: isReversed,
    min,
    max,
  });
}
