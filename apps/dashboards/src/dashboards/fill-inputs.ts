import type { SourceStore } from "../datasources/source-store.ts";
import { refusal } from "../web/refusal.ts";
import { isObject } from "../web/request-body.ts";
import type { DashboardJson } from "./dashboard-record.ts";

/**
 * Matches a reference to an input of the import: `${DS_PROMETHEUS}`. Names may contain spaces and brackets, because an
 * export makes them from names of data sources: `${DS_INFLUXDB_(AUTO)}`.
 */
const INPUT = /\$\{([^{}\n]{1,200})\}/g;

/** Matches the name of an input for a data source that a file may use without a declaration. */
const UNDECLARED = /^DS_[\w-]{1,200}$/;

/** Maximum depth in the JSON at which inputs are replaced. Deeper values stay unchanged. */
const MAX_DEPTH = 64;
/**
 * Maximum total number of characters of all inserted values. The limit is needed because a long value may be inserted
 * many times.
 */
const MAX_FILLED = 16 * 1024 * 1024;

/**
 * Replaces references to inputs in all texts of a dashboard's JSON by their values. References to inputs without a
 * value stay. `__inputs` and `__requires` are removed. Throws Refusal if the inserted values are too long in total.
 */
export function fillInputs(json: DashboardJson, values: ReadonlyMap<string, string>): DashboardJson {
  let filled = 0;
  const valueOf = (whole: string, name: string): string => {
    const value = values.get(name) ?? whole;
    filled += value.length;
    if (filled > MAX_FILLED)
      throw refusal(400, "the values of the inputs, inserted wherever they are used, make the dashboard too large");
    return value;
  };
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") {
      return value.includes("${") ? value.replace(INPUT, valueOf) : value;
    }
    if (depth >= MAX_DEPTH) return value;
    if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, depth + 1)]));
  };
  const { __inputs: _inputs, __requires: _requires, ...rest } = json;
  return walk(rest, 0) as DashboardJson;
}

/**
 * Returns values for the inputs of a provisioned dashboard that was exported. Each input for a data source gets the
 * default data source of its type. An input with the same name as a variable of the dashboard gets no value.
 */
export function sourcesOfInputs(json: DashboardJson, text: string, sources: SourceStore): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const variables = variableNames(json);
  const types = new Map<string, string>();
  for (const input of listOf(json["__inputs"])) {
    if (!isObject(input)) continue;
    const { name, type, pluginId, value } = input;
    if (typeof name !== "string") continue;
    if (type === "datasource" && typeof pluginId === "string") types.set(name, pluginId);
    else if (typeof value === "string") values.set(name, value);
  }
  for (const [, name] of text.matchAll(INPUT)) {
    if (variables.has(name!) || values.has(name!) || !(types.has(name!) || UNDECLARED.test(name!))) continue;
    const source = sources.defaultOf(types.get(name!) ?? typeOfName(name!)) ?? sources.default;
    if (source !== undefined) values.set(name!, source.uid);
  }
  return values;
}

/** Returns the type of the data source from the name of an input: `DS_PROMETHEUS` gives prometheus. */
const typeOfName = (name: string): string => name.slice("DS_".length).split(/[-_]/)[0]!.toLowerCase();

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function variableNames(json: DashboardJson): ReadonlySet<unknown> {
  const templating = json["templating"];
  const list = isObject(templating) ? listOf(templating["list"]) : [];
  return new Set(list.map((variable) => (isObject(variable) ? variable["name"] : undefined)));
}
