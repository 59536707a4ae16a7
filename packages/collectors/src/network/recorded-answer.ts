import { readFileSync } from "node:fs";

/** An object of a recorded answer, with keys in lower case. */
export type RecordedObject = Readonly<Record<string, unknown>>;

/**
 * Returns the objects of a JSON file with recorded answers. Keys may be in upper or lower case. Throws Node's error or
 * JSON's.
 */
export function recordedObjects(path: string): RecordedObject[] {
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
  return (Array.isArray(parsed) ? parsed : [parsed]).map((one: unknown) => {
    const entries = typeof one === "object" && one !== null ? Object.entries(one) : [];
    return Object.fromEntries(entries.map(([key, value]) => [key.toLowerCase(), value as unknown]));
  });
}

export const recordedNumber = (object: RecordedObject, key: string): number => {
  const value = object[key];
  return typeof value === "number" ? value : 0;
};

export const recordedText = (object: RecordedObject, key: string): string => {
  const value = object[key];
  return typeof value === "string" ? value : "";
};
