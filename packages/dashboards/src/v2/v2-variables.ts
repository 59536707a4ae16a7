import type { Findings } from "../model/findings.ts";
import { quoted } from "../model/findings.ts";
import { isObject, type MutableJson, objectAt, ownValue, textAt } from "../model/json.ts";
import { sourceOfQuery } from "./query.ts";

const TYPES: Readonly<Record<string, string>> = {
  QueryVariable: "query",
  TextVariable: "textbox",
  ConstantVariable: "constant",
  DatasourceVariable: "datasource",
  IntervalVariable: "interval",
  CustomVariable: "custom",
  GroupByVariable: "groupby",
  AdhocVariable: "adhoc",
  SwitchVariable: "switch",
};

const HIDE = ["dontHide", "hideLabel", "hideVariable", "inControlsMenu"];
const REFRESH = ["never", "onDashboardLoad", "onTimeRangeChanged"];
const SORT = [
  "disabled",
  "alphabeticalAsc",
  "alphabeticalDesc",
  "numericalAsc",
  "numericalDesc",
  "alphabeticalCaseInsensitiveAsc",
  "alphabeticalCaseInsensitiveDesc",
  "naturalAsc",
  "naturalDesc",
];

export function classicVariables(variables: readonly MutableJson[], path: string, findings: Findings): MutableJson[] {
  return variables.flatMap((variable, i) => {
    const kind = textAt(variable, "kind");
    if (Object.hasOwn(TYPES, kind)) return [variableOf(TYPES[kind]!, variable)];
    findings.problem(
      `${path}variables[${i}]`,
      `The kind ${quoted(kind)} of a variable is unknown; the variable is left out.`,
    );
    return [];
  });
}

function variableOf(type: string, variable: MutableJson): MutableJson {
  const spec = objectAt(variable, "spec") ?? {};
  const datasource = sourceOfQuery(
    type === "query" ? spec : { ...variable, datasource: spec["datasource"] ?? variable["datasource"] },
  );
  const { pluginId, defaultKeys, ...rest } = spec;
  return {
    ...rest,
    type,
    ...(type === "query" && queryOf(spec)),
    ...(type === "datasource" && { query: textAt(spec, "pluginId") }),
    ...(defaultKeys !== undefined && { defaultKeys }),
    ...(pluginId !== undefined && type !== "datasource" && { pluginId }),
    ...(["query", "adhoc", "groupby"].includes(type) && datasource !== undefined && { datasource }),
    hide: indexOf(HIDE, spec["hide"]),
    ...(spec["refresh"] !== undefined && { refresh: indexOf(REFRESH, spec["refresh"]) }),
    ...(spec["sort"] !== undefined && { sort: indexOf(SORT, spec["sort"]) }),
    ...(type === "switch" && switchOf(spec)),
  };
}

/**
 * Converts a setting from the word in v2 dashboards to its number: the word's index in a list. A number, which some
 * files contain, is returned unchanged.
 */
function indexOf(words: readonly string[], word: unknown): number {
  if (typeof word === "number") return word;
  return Math.max(words.indexOf(typeof word === "string" ? word : ""), 0);
}

/** Returns the query of a variable: a text if the specification contains only a text, otherwise the specification. */
function queryOf(spec: MutableJson): MutableJson {
  const query = ownValue(spec, "query");
  const inner = isObject(query) ? (objectAt(query, "spec") ?? {}) : {};
  const legacy = ownValue(inner, "__legacyStringValue");
  if (typeof legacy === "string") return { query: legacy };
  return { query: typeof query === "string" ? query : inner };
}

function switchOf(spec: MutableJson): MutableJson {
  const value = textAt(spec, "current");
  const [enabled, disabled] = [textAt(spec, "enabledValue") || "true", textAt(spec, "disabledValue") || "false"];
  return {
    current: { text: value, value },
    options: [
      { text: enabled, value: enabled },
      { text: disabled, value: disabled },
    ],
  };
}
