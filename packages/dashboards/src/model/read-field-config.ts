import type {
  DataLink,
  FieldColor,
  FieldConfig,
  FieldConfigSource,
  FieldOverride,
  MappingResult,
  Matcher,
  Thresholds,
  ThresholdStep,
  ValueMapping,
} from "./field-config.ts";
import { quoted } from "./findings.ts";
import { isObject, numberOf, ownValue } from "./json.ts";
import { JsonSection } from "./json-section.ts";

/** Reads a panel's `fieldConfig`. */
export function readFieldConfigSource(section: JsonSection): FieldConfigSource {
  return {
    defaults: readFieldConfig(section.section("defaults")),
    overrides: section.sections("overrides").map(readOverride),
  };
}

/** Reads a panel's default field settings (`fieldConfig.defaults`). Absent keys stay absent. */
function readFieldConfig(section: JsonSection): FieldConfig {
  const config = {
    displayName: section.textIfAny("displayName"),
    displayNameFromDS: section.textIfAny("displayNameFromDS"),
    description: section.textIfAny("description"),
    unit: section.textIfAny("unit"),
    decimals: section.numberIfAny("decimals"),
    min: section.numberIfAny("min"),
    max: section.numberIfAny("max"),
    fieldMinMax: has(section, "fieldMinMax") ? section.boolean("fieldMinMax") : undefined,
    thresholds: has(section, "thresholds") ? readThresholds(section.section("thresholds")) : undefined,
    mappings: has(section, "mappings") ? readMappings(section.sections("mappings")) : undefined,
    color: has(section, "color") ? readColor(section) : undefined,
    links: has(section, "links") ? section.sections("links").map(readDataLink) : undefined,
    noValue: section.textIfAny("noValue"),
    filterable: has(section, "filterable") ? section.boolean("filterable") : undefined,
    interval: section.numberIfAny("interval"),
    custom: has(section, "custom") ? section.object("custom") : undefined,
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as FieldConfig;
}

function has(section: JsonSection, key: string): boolean {
  const value = ownValue(section.json, key);
  return value !== undefined && value !== null;
}

/** Reads thresholds and sorts them ascending. A first step without a number begins at -Infinity. */
function readThresholds(section: JsonSection): Thresholds {
  const steps = section.sections("steps").map((step, i): ThresholdStep => {
    const value = ownValue(step.json, "value");
    const isFirst = i === 0 && (value === null || value === undefined || value === "-Infinity");
    return {
      value: isFirst ? -Infinity : (numberOf(value) ?? (i === 0 ? -Infinity : 0)),
      color: step.text("color", "green"),
    };
  });
  steps.sort((a, b) => (a.value === b.value ? 0 : a.value - b.value));
  return { mode: section.choice("mode", ["absolute", "percentage"], "absolute"), steps };
}

/** Reads value mappings. A mapping that cannot be read is left out and reported as a problem. */
function readMappings(sections: readonly JsonSection[]): ValueMapping[] {
  return sections.flatMap((section): ValueMapping[] => {
    const options = section.section("options");
    switch (section.json.type) {
      case "value":
        return [{ type: "value", options: readValueResults(options) }];
      case "range":
        return [
          {
            type: "range",
            options: {
              from: options.numberIfAny("from") ?? null,
              to: options.numberIfAny("to") ?? null,
              result: readResult(options.section("result")),
            },
          },
        ];
      case "regex":
        return [
          {
            type: "regex",
            options: { pattern: options.text("pattern"), result: readResult(options.section("result")) },
          },
        ];
      case "special": {
        const match = options.choice("match", ["true", "false", "null", "nan", "null+nan", "empty"], "null");
        return [{ type: "special", options: { match, result: readResult(options.section("result")) } }];
      }
      default:
        section.findings.problem(
          section.path,
          `The type ${quoted(section.json.type)} of a value mapping is unknown; the mapping is left out. Known types are value, range, regex and special.`,
        );
        return [];
    }
  });
}

function readValueResults(options: JsonSection): Record<string, MappingResult> {
  return Object.fromEntries(
    Object.entries(options.json)
      .filter(([, result]) => isObject(result))
      .map(([value]) => [value, readResult(options.section(value))]),
  );
}

function readResult(section: JsonSection): MappingResult {
  const [text, color, icon] = [section.textIfAny("text"), section.textIfAny("color"), section.textIfAny("icon")];
  const index = section.numberIfAny("index");
  return {
    ...(text !== undefined && { text }),
    ...(color !== undefined && { color }),
    ...(icon !== undefined && { icon }),
    ...(index !== undefined && { index }),
  };
}

/** Reads the colour of a field. Old dashboards have a text instead of an object with a mode. */
function readColor(section: JsonSection): FieldColor {
  const value = section.json["color"];
  if (typeof value === "string") return { mode: "fixed", fixedColor: value };
  const color = section.section("color");
  const fixedColor = color.textIfAny("fixedColor");
  const seriesBy = has(color, "seriesBy") ? color.choice("seriesBy", ["last", "min", "max"], "last") : undefined;
  return {
    mode: color.text("mode", "thresholds"),
    ...(fixedColor !== undefined && { fixedColor }),
    ...(seriesBy !== undefined && { seriesBy }),
  };
}

function readDataLink(section: JsonSection): DataLink {
  return {
    title: section.text("title"),
    url: section.text("url"),
    targetBlank: section.boolean("targetBlank"),
    oneClick: section.boolean("oneClick"),
  };
}

export function readMatcher(section: JsonSection): Matcher {
  const options = ownValue(section.json, "options");
  const scope = section.textIfAny("scope");
  return {
    id: section.text("id"),
    ...(options !== undefined && { options }),
    ...(scope !== undefined && scope !== "" && { scope }),
  };
}

function readOverride(section: JsonSection): FieldOverride {
  return {
    matcher: readMatcher(section.section("matcher")),
    properties: section.sections("properties").map((property) => {
      const value = readProperty(property);
      return { id: property.text("id"), ...(value !== undefined && { value }) };
    }),
  };
}

/** Reads the value of an override. Returns it in the form that the property has in `FieldConfig`. */
function readProperty(property: JsonSection): unknown {
  const value = ownValue(property.json, "value");
  if (value === undefined || value === null) return value;
  switch (property.json["id"]) {
    case "thresholds":
      return readThresholds(property.section("value"));
    case "mappings":
      return readMappings(property.sections("value"));
    case "links":
      return property.sections("value").map(readDataLink);
    case "color":
      return readColor(new JsonSection({ color: value }, property.findings, property, "value"));
    case "decimals":
    case "min":
    case "max":
      return property.numberIfAny("value");
    default:
      return value;
  }
}
