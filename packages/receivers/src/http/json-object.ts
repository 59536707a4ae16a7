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

/** A text as JSON, undefined where it is empty: for members that Go's `omitempty` leaves out. */
export const jsonUnlessEmpty = (text: string): string | undefined => (text === "" ? undefined : jsonString(text));
