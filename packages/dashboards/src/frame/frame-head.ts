import type { FieldConfig, JsonObject } from "../model/field-config.ts";
import { isObject, ownValue } from "../model/json.ts";
import type { FrameMeta, FrameType, Labels, Notice, QueryStat } from "./frame.ts";

/** Returns the value if it is a JSON object, otherwise an empty object. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Returns the value if it is a JSON array, otherwise an empty array. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns the text under a key, or undefined if it is empty or not a text. */
export const textIn = (object: JsonObject, key: string): string | undefined => {
  const value = ownValue(object, key);
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** Reads labels from JSON. Ignores values that are not texts. */
export function readLabels(value: unknown): Labels | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === "string")) as Labels;
}

const texts = ["displayName", "displayNameFromDS", "description", "unit", "noValue"] as const;
const numbers = ["decimals", "min", "max", "interval"] as const;
const flags = ["fieldMinMax", "filterable"] as const;

function readThresholds(value: unknown): FieldConfig["thresholds"] {
  if (!isObject(value) || !Array.isArray(value["steps"])) return undefined;
  const steps = value["steps"].filter(isObject).map((step) => ({
    // Uses -Infinity for the first threshold step, because JSON cannot represent it.
    value: typeof step["value"] === "number" ? step["value"] : -Infinity,
    color: typeof step["color"] === "string" ? step["color"] : "",
  }));
  return { mode: value["mode"] === "percentage" ? "percentage" : "absolute", steps };
}

/** Reads the settings that a data source gives a column from JSON. Ignores values of a wrong type. */
export function readConfig(value: unknown): FieldConfig {
  const json = objectOf(value);
  const config: Record<string, unknown> = {};
  for (const key of texts) if (typeof ownValue(json, key) === "string") config[key] = json[key];
  for (const key of numbers) if (typeof ownValue(json, key) === "number") config[key] = json[key];
  for (const key of flags) if (typeof ownValue(json, key) === "boolean") config[key] = json[key];
  const nulls = ownValue(json, "nullValueMode");
  if (nulls === "connected" || nulls === "null as zero" || nulls === "null") config["nullValueMode"] = nulls;
  const thresholds = readThresholds(ownValue(json, "thresholds"));
  if (thresholds !== undefined) config["thresholds"] = thresholds;
  const mappings = listOf(ownValue(json, "mappings")).filter(
    (one) => isObject(one) && isObject(ownValue(one, "options")),
  );
  if (mappings.length > 0) config["mappings"] = mappings;
  const color = ownValue(json, "color");
  if (isObject(color) && typeof color["mode"] === "string") config["color"] = color;
  const links = listOf(ownValue(json, "links"))
    .filter(isObject)
    // Other properties stay as they are. The module that resolves a link to a query checks the property `internal`.
    .map((link) => ({
      ...link,
      title: textIn(link, "title") ?? "",
      url: textIn(link, "url") ?? "",
      targetBlank: link["targetBlank"] === true,
      oneClick: link["oneClick"] === true,
    }));
  if (links.length > 0) config["links"] = links;
  const custom = ownValue(json, "custom");
  if (isObject(custom)) config["custom"] = custom;
  return config;
}

const frameTypes: readonly string[] = [
  "timeseries-wide",
  "timeseries-multi",
  "timeseries-long",
  "numeric-wide",
  "numeric-multi",
  "numeric-long",
  "heatmap-rows",
  "heatmap-cells",
  "table",
  "annotations",
] satisfies FrameType[];

/** Reads the metadata of a frame. Ignores values of a wrong type. Returns undefined if no value is left. */
export function readMeta(value: unknown): FrameMeta | undefined {
  if (!isObject(value)) return undefined;
  const type = textIn(value, "type");
  const executedQueryString = textIn(value, "executedQueryString");
  const preferredVisualisationType = textIn(value, "preferredVisualisationType");
  const notices = listOf(ownValue(value, "notices"))
    .filter(isObject)
    .flatMap((one): Notice[] => {
      const severity = ownValue(one, "severity");
      const text = textIn(one, "text");
      return text === undefined
        ? []
        : [{ severity: severity === "warning" || severity === "error" ? severity : "info", text }];
    });
  const stats = listOf(ownValue(value, "stats"))
    .filter(isObject)
    .flatMap((one): QueryStat[] => {
      const displayName = textIn(one, "displayName");
      const unit = textIn(one, "unit");
      const number = ownValue(one, "value");
      if (displayName === undefined || typeof number !== "number") return [];
      return [{ displayName, ...(unit !== undefined && { unit }), value: number }];
    });
  const custom = ownValue(value, "custom");
  const meta: FrameMeta = {
    ...(type !== undefined && frameTypes.includes(type) ? { type: type as FrameType } : {}),
    ...(executedQueryString === undefined ? {} : { executedQueryString }),
    ...(notices.length === 0 ? {} : { notices }),
    ...(stats.length === 0 ? {} : { stats }),
    ...(preferredVisualisationType === undefined ? {} : { preferredVisualisationType }),
    ...(isObject(custom) ? { custom } : {}),
  };
  return Object.keys(meta).length === 0 ? undefined : meta;
}
