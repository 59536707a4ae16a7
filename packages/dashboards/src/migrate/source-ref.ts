import { isObject, type MutableJson } from "../model/json.ts";
import type { KnownSource } from "./migration.ts";

/**
 * Returns the reference to a data source that is given by name or uid; null for the default source. An unknown name or
 * a variable is used as the uid.
 */
export function sourceRefOf(value: unknown, sources: readonly KnownSource[]): MutableJson | null {
  if (isObject(value)) return value;
  if (typeof value !== "string" || value === "" || value === "default") return null;
  const source = sources.find(({ name }) => name === value) ?? sources.find(({ uid }) => uid === value);
  return source === undefined ? { uid: value } : { type: source.type, uid: source.uid };
}

/** Returns the reference to the default source, or undefined if there is no known default source. */
export function defaultSourceRef(sources: readonly KnownSource[]): MutableJson | undefined {
  const source = sources.find(({ isDefault }) => isDefault);
  return source === undefined ? undefined : { type: source.type, uid: source.uid };
}
