import { jsonString } from "@narthex/template";
import { compareBytewise } from "@narthex/model";

/** A JSON object of members that are JSON already, in their order; undefined ones are left out. Names must not be numbers. */
export function jsonObject(members: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(members).filter(([, json]) => json !== undefined);
  return `{${given.map(([name, json]) => `${jsonString(name)}:${json!}`).join(",")}}`;
}

/** A JSON object of members that are JSON already, sorted by name as Go prints maps; of two with one name the later counts. */
export function sortedJsonObject(members: Iterable<readonly [name: string, json: string]>): string {
  const sorted = [...new Map(members)].sort(([a], [b]) => compareBytewise(a, b));
  return `{${sorted.map(([name, json]) => `${jsonString(name)}:${json}`).join(",")}}`;
}

/** A text as JSON, undefined if it is empty: for members that Go's `omitempty` leaves out. */
export const jsonUnlessEmpty = (text: string): string | undefined => (text === "" ? undefined : jsonString(text));

/** JSON without white space, each value as it was written: numbers keep their digits, members their order. */
export const compactJson = (json: string): string =>
  json
    .replaceAll(/"(?:[^"\\]|\\[^])*"?|\s+/g, (token) => (token.startsWith('"') ? token : ""))
    .replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** JSON members without those that are empty, as upstream leaves them out: "", false, [] and undefined. */
export const present = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)));

const isEmpty = (value: unknown): boolean =>
  value === "" || value === false || value === undefined || (Array.isArray(value) && value.length === 0);
