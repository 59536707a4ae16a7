import { jsonString } from "@narthex/template";
import { compareBytewise } from "@narthex/model";

/**
 * Returns a JSON object from names and values that are already JSON. Omits undefined values. Keeps the order, so names
 * must not be numbers.
 */
export function jsonObject(members: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(members).filter(([, json]) => json !== undefined);
  return `{${given.map(([name, json]) => `${jsonString(name)}:${json!}`).join(",")}}`;
}

/**
 * Returns a JSON object from names and values that are already JSON, sorted by name as Go prints maps. For a repeated
 * name, uses the last value.
 */
export function sortedJsonObject(members: Iterable<readonly [name: string, json: string]>): string {
  const sorted = [...new Map(members)].sort(([a], [b]) => compareBytewise(a, b));
  return `{${sorted.map(([name, json]) => `${jsonString(name)}:${json}`).join(",")}}`;
}

/** Returns a text as JSON, or undefined if it is empty. Use it for members with Go's `omitempty`. */
export const jsonUnlessEmpty = (text: string): string | undefined => (text === "" ? undefined : jsonString(text));

/** Returns JSON without white space. Numbers keep their digits, and members their order. */
export const compactJson = (json: string): string =>
  json
    .replaceAll(/"(?:[^"\\]|\\[^])*"?|\s+/g, (token) => (token.startsWith('"') ? token : ""))
    .replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Returns the members of a JSON object that are not empty: Alertmanager omits "", false, [] and undefined. */
export const present = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)));

const isEmpty = (value: unknown): boolean =>
  value === "" || value === false || value === undefined || (Array.isArray(value) && value.length === 0);
