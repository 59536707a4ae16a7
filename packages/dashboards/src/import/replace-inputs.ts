import { isObject, type MutableJson } from "../model/json.ts";

/**
 * Matches a reference to an input: `${NAME}`. Names may contain spaces and brackets, because an export makes them from
 * names of data sources: `${DS_INFLUXDB_(AUTO)}`. The pattern has no nesting and no alternatives, so it takes time
 * linear in the text.
 */
const REFERENCE = /\$\{([^{}\n]{1,200})\}/g;

/** Replaces `${NAME}` in all texts of JSON by the values of inputs. Keys and names without an input stay unchanged. */
export function replaceInputs(json: unknown, valueOf: (name: string) => string | undefined): unknown {
  if (typeof json === "string")
    return json.includes("${") ? json.replaceAll(REFERENCE, (whole, name: string) => valueOf(name) ?? whole) : json;
  if (Array.isArray(json)) return json.map((item) => replaceInputs(item, valueOf));
  if (!isObject(json)) return json;
  const replaced: MutableJson = {};
  for (const [key, value] of Object.entries(json)) replaced[key] = replaceInputs(value, valueOf);
  return replaced;
}

/** Returns all names that occur in JSON as `${NAME}`. */
export function referencesIn(json: unknown, found = new Set<string>()): Set<string> {
  if (typeof json === "string") {
    if (json.includes("${")) for (const [, name] of json.matchAll(REFERENCE)) found.add(name!);
  } else if (typeof json === "object" && json !== null)
    for (const value of Array.isArray(json) ? json : Object.values(json)) referencesIn(value, found);
  return found;
}
