import type { JsonObject } from "@narthex/dashboards";

/** Returns the text under a key of external JSON. Empty for anything else. */
export function textAt(source: JsonObject, key: string): string {
  const value = valueAtKey(source, key);
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

export function flagAt(source: JsonObject, key: string): boolean | undefined {
  const value = valueAtKey(source, key);
  return typeof value === "boolean" ? value : undefined;
}

/** Returns the finite number under a key, or undefined. A number may also be written as a text. */
export function numberAt(source: JsonObject, key: string): number | undefined {
  const value = valueAtKey(source, key);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function objectAt(source: JsonObject, key: string): JsonObject | undefined {
  return asObject(valueAtKey(source, key));
}

export function listAt(source: JsonObject, key: string): readonly unknown[] {
  const value = valueAtKey(source, key);
  return Array.isArray(value) ? value : [];
}

/** Returns the objects in the list under a key. Other entries are left out. */
export const objectsAt = (source: JsonObject, key: string): readonly JsonObject[] =>
  listAt(source, key)
    .map(asObject)
    .filter((one) => one !== undefined);

/** Returns the texts in the list under a key. Other entries are left out. */
export const textsAt = (source: JsonObject, key: string): readonly string[] =>
  listAt(source, key).filter((value): value is string => typeof value === "string");

export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const valueAtKey = (source: JsonObject, key: string): unknown => (Object.hasOwn(source, key) ? source[key] : undefined);
