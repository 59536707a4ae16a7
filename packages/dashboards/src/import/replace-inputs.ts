import { isObject } from "../model/json.ts";

/**
 * Matches a reference to an input: `${NAME}`. Names may contain spaces and brackets, because an export makes them from
 * names of data sources: `${DS_INFLUXDB_(AUTO)}`. The pattern has no nesting and no alternatives, so it takes time
 * linear in the text.
 */
const REFERENCE = /\$\{([^{}\n]{1,200})\}/g;

/** Maximum depth in JSON at which references are found and replaced. Deeper values stay unchanged. */
export const MAX_DEPTH = 64;

/** Replaces `${NAME}` in all texts of JSON by the values of inputs. Keys and names without an input stay unchanged. */
export function replaceInputs(json: unknown, valueOf: (name: string) => string | undefined, depth = 0): unknown {
  if (typeof json === "string")
    return json.includes("${") ? json.replaceAll(REFERENCE, (whole, name: string) => valueOf(name) ?? whole) : json;
  if (depth >= MAX_DEPTH) return json;
  if (Array.isArray(json)) return json.map((item) => replaceInputs(item, valueOf, depth + 1));
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, replaceInputs(value, valueOf, depth + 1)]),
  );
}

/** Returns all names that occur in JSON as `${NAME}`. */
export function referencesIn(json: unknown, found = new Set<string>(), depth = 0): Set<string> {
  if (typeof json === "string") {
    if (json.includes("${")) for (const [, name] of json.matchAll(REFERENCE)) found.add(name!);
  } else if (typeof json === "object" && json !== null && depth < MAX_DEPTH)
    for (const value of Array.isArray(json) ? json : Object.values(json)) referencesIn(value, found, depth + 1);
  return found;
}
