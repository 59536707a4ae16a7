import type { AnnotationQuery, Variable, VariableOption, VariableType } from "./dashboard.ts";
import { quoted } from "./findings.ts";
import { isObject, ownValue } from "./json.ts";
import type { JsonSection } from "./json-section.ts";
import { readDataSource } from "./read-data-source.ts";

const TYPES: readonly VariableType[] = [
  "query",
  "custom",
  "datasource",
  "interval",
  "constant",
  "textbox",
  "adhoc",
  "groupby",
  "switch",
];
const HIDE = ["none", "label", "variable", "menu"] as const;
const REFRESH = ["never", "load", "time"] as const;
/**
 * Maximum number of a variable's options that are read from a file. The options of query variables are requested again
 * later.
 */
const MAX_OPTIONS = 10_000;

/** Reads a variable. Returns undefined and reports a problem if it has no name or an unknown type. */
export function readVariable(section: JsonSection): Variable | undefined {
  const name = section.text("name");
  const type = TYPES.find((known) => known === ownValue(section.json, "type"));
  // Omits system and snapshot variables without a problem: Grafana sets their values itself.
  if (section.json["type"] === "system" || section.json["type"] === "snapshot") return undefined;
  if (name === "" || type === undefined) {
    const reason = name === "" ? "has no name" : `is of the type ${quoted(section.json["type"])}, which is not known`;
    section.findings.problem(section.path, `The variable ${quoted(name)} ${reason}; it is left out.`);
    return undefined;
  }
  const datasource = readDataSource(section);
  const allValue = section.textIfAny("allValue");
  return {
    name,
    type,
    label: section.text("label"),
    description: section.text("description"),
    hide: HIDE[section.number("hide", 0)] ?? "none",
    skipUrlSync: section.boolean("skipUrlSync"),
    multi: section.boolean("multi"),
    includeAll: section.boolean("includeAll"),
    ...(allValue !== undefined && allValue !== "" && { allValue }),
    current: readCurrent(section),
    options: section.sections("options").slice(0, MAX_OPTIONS).map(readOption),
    ...(datasource !== undefined && { datasource }),
    query: readQuery(section),
    regex: section.text("regex"),
    refresh: readRefresh(section),
    sort: section.number("sort", 0),
    source: section.json,
  };
}

function readQuery(section: JsonSection): Variable["query"] {
  const value = ownValue(section.json, "query");
  return isObject(value) ? value : section.text("query");
}

/** Reads when a variable's options are requested again. Before schema 12, the setting was a boolean. */
function readRefresh(section: JsonSection): Variable["refresh"] {
  const value = ownValue(section.json, "refresh");
  if (typeof value === "boolean") return value ? "load" : "never";
  return REFRESH[section.number("refresh", 0)] ?? "load";
}

function readOption(section: JsonSection): VariableOption {
  const value = firstText(ownValue(section.json, "value"));
  return { text: firstText(ownValue(section.json, "text")) || value, value };
}

function firstText(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" || typeof first === "number" || typeof first === "boolean" ? String(first) : "";
}

/** Reads the saved selection of a variable: one value, or a list of values and a list of their texts. */
function readCurrent(section: JsonSection): VariableOption[] {
  const current = ownValue(section.json, "current");
  if (!isObject(current)) return [];
  const value = ownValue(current, "value");
  if (value === undefined || value === null) return [];
  const values = Array.isArray(value) ? value.slice(0, MAX_OPTIONS) : [value];
  const text = ownValue(current, "text");
  const texts = Array.isArray(text) ? text : [text];
  return values
    .map((each, i) => ({ value: firstText(each), text: firstText(texts[i]) || firstText(each) }))
    .filter(({ value: chosen, text: shown }) => chosen !== "" || shown !== "" || values.length === 1);
}

export function readAnnotationQuery(section: JsonSection): AnnotationQuery {
  const datasource = readDataSource(section);
  const filter = section.sectionIfAny("filter");
  return {
    name: section.text("name"),
    enable: section.boolean("enable", true),
    hide: section.boolean("hide"),
    iconColor: section.text("iconColor", "red"),
    ...(datasource !== undefined && { datasource }),
    builtIn: section.number("builtIn", 0) === 1,
    ...(filter !== undefined && {
      filter: {
        exclude: filter.boolean("exclude"),
        ids: filter.list("ids").filter((id): id is number => typeof id === "number"),
      },
    }),
    source: section.json,
  };
}
