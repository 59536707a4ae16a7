import { isObject, type MutableJson } from "../model/json.ts";
import type { KnownSource } from "./migration.ts";

/**
 * The reference that a name (or a uid) stands for: null for the default source; the name as uid where no source of the
 * name is known, or where it is a variable.
 */
export function sourceRefOf(value: unknown, sources: readonly KnownSource[]): MutableJson | null {
  if (isObject(value)) return value;
  if (typeof value !== "string" || value === "" || value === "default") return null;
  const source = sources.find(({ name }) => name === value) ?? sources.find(({ uid }) => uid === value);
  return source === undefined ? { uid: value } : { type: source.type, uid: source.uid };
}

/** The reference of the default source, if it is known. */
export function defaultSourceRef(sources: readonly KnownSource[]): MutableJson | undefined {
  const source = sources.find(({ isDefault }) => isDefault);
  return source === undefined ? undefined : { type: source.type, uid: source.uid };
}
