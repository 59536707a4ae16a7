import { isObject, type MutableJson, objectAt, ownValue, textAt } from "./json.ts";

/** Kinds of panels that other kinds have replaced. */
const OLD_KINDS = new Set([
  "graph",
  "singlestat",
  "grafana-singlestat-panel",
  "table-old",
  "grafana-piechart-panel",
  "heatmap-new",
  "heatmap-old",
  "text2",
  "natel-discrete-panel",
]);

/** Kinds of panels that stored field settings in `options.fieldOptions`, and before that in `options.valueOptions`. */
const SINGLE_VALUE_KINDS = new Set(["stat", "gauge", "bargauge", "piechart"]);

/** Reports whether a panel was saved by an older version of its kind, whatever the schema version of its dashboard. */
export function isOldPanel(panel: Readonly<MutableJson>): boolean {
  return isOfOldKind(panel) || hasOldMappings(panel);
}

/** Reports whether the panel's kind, or the version of its kind, is outdated. */
export function isOfOldKind(panel: Readonly<MutableJson>): boolean {
  const type = textAt(panel, "type");
  if (OLD_KINDS.has(type)) return true;
  const options = objectAt(panel, "options");
  if (SINGLE_VALUE_KINDS.has(type))
    return options !== undefined && (isObject(options["fieldOptions"]) || isObject(options["valueOptions"]));
  if (type === "heatmap") return isHeatmapWithoutOptions(panel);
  if (type === "xychart") return options !== undefined && ("seriesMapping" in options || "dims" in options);
  if (type === "text") return typeof ownValue(panel, "content") === "string";
  if (type === "dashlist") return options === undefined && ["starred", "recent", "search"].some((key) => key in panel);
  return false;
}

function isHeatmapWithoutOptions(panel: Readonly<MutableJson>): boolean {
  const options = objectAt(panel, "options");
  if (options !== undefined && Object.keys(options).length > 0) return false;
  return ["dataFormat", "cards", "color", "yAxis"].some((key) => Object.hasOwn(panel, key));
}

/**
 * Reports whether a panel has outdated value mappings, whose kind is a number. Some files contain them despite a newer
 * schema version.
 */
function hasOldMappings(panel: Readonly<MutableJson>): boolean {
  const mappings = objectAt(objectAt(panel, "fieldConfig") ?? {}, "defaults")?.["mappings"];
  return Array.isArray(mappings) && mappings.some((each) => isObject(each) && typeof each["type"] === "number");
}
