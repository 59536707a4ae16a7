import type { JsonObject } from "@narthex/dashboards";

/** A key of JSON from outside that should be a text; "" where it is none. */
export function textAt(source: JsonObject, key: string): string {
  const value = valueAtKey(source, key);
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A key that should be true or false; undefined where it is neither. */
export function flagAt(source: JsonObject, key: string): boolean | undefined {
  const value = valueAtKey(source, key);
  return typeof value === "boolean" ? value : undefined;
}

/** A key that should be a finite number, which may be written as a text; undefined where it is none. */
export function numberAt(source: JsonObject, key: string): number | undefined {
  const value = valueAtKey(source, key);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A key that should be an object; undefined where it is none. */
export function objectAt(source: JsonObject, key: string): JsonObject | undefined {
  return asObject(valueAtKey(source, key));
}

/** A key that should be a list; empty where it is none. */
export function listAt(source: JsonObject, key: string): readonly unknown[] {
  const value = valueAtKey(source, key);
  return Array.isArray(value) ? value : [];
}

/** The texts of a list, others left out. */
export const textsAt = (source: JsonObject, key: string): readonly string[] =>
  listAt(source, key).filter((value): value is string => typeof value === "string");

/** What is an object, and no list. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const valueAtKey = (source: JsonObject, key: string): unknown => (Object.hasOwn(source, key) ? source[key] : undefined);
