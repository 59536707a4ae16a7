import {
  isObject,
  listAt,
  type MutableJson,
  numberOf,
  objectAt,
  ownValue,
  textAt,
  withoutAbsent,
} from "../../model/json.ts";
import { areOldMappings, mappingsOf } from "../value-mappings.ts";
import { fieldConfigOf, type PanelMigration, reducerOf } from "./panel-migration.ts";

/** First version of Grafana that stores these settings in `fieldConfig` and `reduceOptions`. */
const FIRST_WITH_FIELD_CONFIG = 7;

/**
 * Converts `options.valueOptions` (before 6.2) and `options.fieldOptions` (before 7.0) to `fieldConfig` and
 * `reduceOptions`. Panels that a later version saved may still contain the old options; they have no effect.
 */
export const singleValueOptionsMigration: PanelMigration = {
  kinds: ["stat", "gauge", "bargauge", "piechart"],
  migrate(panel, path, findings) {
    const options = objectAt(panel, "options");
    if (options === undefined || !(isObject(options["fieldOptions"]) || isObject(options["valueOptions"]))) return;
    if (Number.parseFloat(textAt(panel, "pluginVersion")) >= FIRST_WITH_FIELD_CONFIG) return;
    const old = objectAt(options, "fieldOptions") ?? fromValueOptions(options);
    const { defaults, overrides } = fieldConfigOf(panel);
    Object.assign(defaults, defaultsOf(old, options));
    for (const item of listAt(old, "overrides")) overrides.push(item);
    options["reduceOptions"] = withoutAbsent({
      values: old["values"] ?? false,
      limit: old["limit"],
      calcs: calculations(old),
    });
    for (const key of ["fieldOptions", "valueOptions", "valueMappings", "thresholds", "minValue", "maxValue"])
      delete options[key];
    findings.change(path, "The options of the value were moved to the field settings.");
  },
};

function fromValueOptions(options: MutableJson): MutableJson {
  const value = objectAt(options, "valueOptions") ?? {};
  const unit = unitOf(value);
  return {
    mappings: options["valueMappings"],
    thresholds: options["thresholds"],
    calcs: [value["stat"]],
    defaults: { unit, decimals: value["decimals"], min: options["minValue"], max: options["maxValue"] },
  };
}

function unitOf(value: MutableJson): unknown {
  const unit = textAt(value, "unit");
  if (unit !== "" && unit !== "none") return unit;
  if (textAt(value, "suffix") !== "") return `suffix:${textAt(value, "suffix")}`;
  return textAt(value, "prefix") === "" ? unit || undefined : `prefix:${textAt(value, "prefix")}`;
}

function calculations(old: MutableJson): string[] {
  const calcs = listAt(old, "calcs").filter((calc) => typeof calc === "string");
  return calcs.length === 0 ? ["mean"] : calcs.map((calc) => (calc === "last" ? "last" : (reducerOf(calc) ?? calc)));
}

function defaultsOf(old: MutableJson, options: MutableJson): MutableJson {
  const { title, color, thresholds: own, mappings: ownMappings, ...rest } = objectAt(old, "defaults") ?? {};
  const thresholds = thresholdsOf(own ?? ownValue(old, "thresholds") ?? ownValue(options, "thresholds"));
  const mappings = ownMappings ?? ownValue(old, "mappings");
  const unit = rest["unit"];
  const most = unit === "percent" ? 100 : unit === "percentunit" ? 1 : undefined;
  return withoutAbsent({
    ...rest,
    displayName: title ?? rest["displayName"],
    color: typeof color === "string" ? { mode: "fixed", fixedColor: color } : color,
    thresholds,
    mappings: areOldMappings(mappings) ? mappingsOf(mappings as unknown[], thresholds) : mappings,
    min: numberOf(rest["min"]) ?? (most === undefined ? undefined : 0),
    max: numberOf(rest["max"]) ?? most,
  });
}

/**
 * Converts thresholds from a list of steps in any order, whose lowest step becomes the base. Thresholds in the current
 * form stay unchanged.
 */
function thresholdsOf(old: unknown): MutableJson | undefined {
  if (isObject(old)) return old;
  if (!Array.isArray(old) || old.length === 0) return undefined;
  const steps = old
    .filter(isObject)
    .map((step) => ({ value: numberOf(step["value"]) ?? -Infinity, color: step["color"] }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value - b.value));
  return { mode: "absolute", steps: steps.map(({ value, color }, i) => ({ color, value: i === 0 ? null : value })) };
}
