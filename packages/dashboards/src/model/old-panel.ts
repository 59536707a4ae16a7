import { isObject, type MutableJson, objectAt, ownValue, textAt } from "./json.ts";

/** Kinds that other kinds have taken the place of. */
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

/** Kinds whose values were once described in `options.fieldOptions`, and before in `options.valueOptions`. */
const SINGLE_VALUE_KINDS = new Set(["stat", "gauge", "bargauge", "piechart"]);

/** The least that tells a panel as it was saved by an older version of its kind, whatever the version of the schema. */
export function isOldPanel(panel: Readonly<MutableJson>): boolean {
  return isOfOldKind(panel) || hasOldMappings(panel);
}

/** Whether the panel's kind, or the version of its kind, is an older one. */
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

/** Kinds of mappings were numbers; some files have them still, whatever their schema says. */
function hasOldMappings(panel: Readonly<MutableJson>): boolean {
  const mappings = objectAt(objectAt(panel, "fieldConfig") ?? {}, "defaults")?.["mappings"];
  return Array.isArray(mappings) && mappings.some((each) => isObject(each) && typeof each["type"] === "number");
}
