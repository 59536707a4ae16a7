import type { Findings } from "../../model/findings.ts";
import { listAt, type MutableJson, numberOf, objectAt, ownValue, textAt, withoutAbsent } from "../../model/json.ts";
import { oldMappingsOf } from "./old-mappings.ts";
import { deleteKeys, fieldConfigOf, type PanelMigration, reducerOf, thresholdsOf } from "./panel-migration.ts";

const SINGLESTAT_KEYS = [
  ..."cacheTimeout colorBackground colorPostfix colorPrefix colorValue colors decimals format gauge".split(" "),
  ..."mappingType mappingTypes nullPointMode nullText postfix postfixFontSize prefix prefixFontSize rangeMaps".split(
    " ",
  ),
  ..."sparkline tableColumn thresholds valueFontSize valueMaps valueName".split(" "),
];

/** Converts the old single-value panel to a stat, or to a gauge if it showed a gauge. */
export const singlestatMigration: PanelMigration = {
  kinds: ["singlestat", "grafana-singlestat-panel"],
  migrate(panel, path, findings) {
    const gauge = objectAt(panel, "gauge");
    const isGauge = gauge !== undefined && Boolean(gauge["show"]);
    const { defaults } = fieldConfigOf(panel);
    Object.assign(defaults, valueConfig(panel, path, findings));
    if (isGauge)
      Object.assign(defaults, withoutAbsent({ min: numberOf(gauge["minValue"]), max: numberOf(gauge["maxValue"]) }));
    const column = textAt(panel, "tableColumn");
    const reduceOptions = {
      values: false,
      calcs: [calculation(panel, path, findings)],
      fields: column === "" ? "" : `/^${column.replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`)}$/`,
    };
    panel["options"] = isGauge
      ? {
          reduceOptions,
          orientation: "auto",
          showThresholdMarkers: gauge["thresholdMarkers"] !== false,
          showThresholdLabels: Boolean(gauge["thresholdLabels"]),
        }
      : { reduceOptions, orientation: "horizontal", ...appearance(panel, defaults) };
    panel["type"] = isGauge ? "gauge" : "stat";
    deleteKeys(panel, SINGLESTAT_KEYS);
    findings.change(path, `The single-value panel was converted to a ${isGauge ? "gauge" : "stat"}.`);
  },
};

function calculation(panel: MutableJson, path: string, findings: Findings): string {
  const word = ownValue(panel, "valueName") ?? "avg";
  const reducer = reducerOf(word);
  if (reducer === undefined)
    findings.problem(
      `${path}.valueName`,
      `The calculation ${JSON.stringify(word).slice(0, 40)} is unknown; the last value is shown.`,
    );
  return reducer ?? "lastNotNull";
}

function valueConfig(panel: MutableJson, path: string, findings: Findings): MutableJson {
  const thresholds = textAt(panel, "thresholds");
  const colors = listAt(panel, "colors");
  const steps = thresholdsOf(thresholds === "" ? [] : thresholds.split(",").slice(0, 100), colors);
  const mappings = oldMappingsOf(panel, steps);
  return withoutAbsent({
    unit: unitOf(panel, path, findings),
    decimals: numberOf(panel["decimals"]),
    noValue: textAt(panel, "nullText") || undefined,
    thresholds: steps,
    mappings: mappings.length === 0 ? undefined : mappings,
  });
}

/** Returns the panel's unit. A panel without a unit gets the text before or after its number as the unit. */
function unitOf(panel: MutableJson, path: string, findings: Findings): string | undefined {
  const unit = textAt(panel, "format");
  const [prefix, postfix] = [textAt(panel, "prefix"), textAt(panel, "postfix")];
  const isFree = unit === "" || unit === "none";
  const isLost = (prefix !== "" && postfix !== "") || (!isFree && prefix + postfix !== "");
  if (isLost)
    findings.problem(
      `${path}.${prefix === "" ? "postfix" : "prefix"}`,
      "A stat has only one of a unit, a text before the number and a text after it; the others were left out.",
    );
  if (!isFree) return unit;
  if (postfix !== "") return `suffix:${postfix}`;
  return prefix !== "" ? `prefix:${prefix}` : unit || undefined;
}

function appearance(panel: MutableJson, defaults: MutableJson): MutableJson {
  const sparkline = objectAt(panel, "sparkline") ?? {};
  const graphMode = sparkline["show"] ? "area" : "none";
  const colorMode = panel["colorBackground"] ? "background" : panel["colorValue"] ? "value" : "none";
  const lineColor = textAt(sparkline, "lineColor");
  if (colorMode === "none" && graphMode === "area" && lineColor !== "")
    defaults["color"] = { mode: "fixed", fixedColor: lineColor };
  return { graphMode, colorMode, textMode: panel["valueName"] === "name" ? "name" : "auto", justifyMode: "auto" };
}
