import type { Printable } from "@narthex/config";

/**
 * Names of accounts in a receiver's settings, by section. In a file they are not secret. In an object they come from a
 * Secret.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["basic_auth", "username"],
  ["oauth2", "client_id"],
  ["sigv4", "access_key"],
]);

/** Replaces the names of accounts in a printed receiver of an object by `<secret>`. */
export function withoutSecretNames(value: Printable, section = ""): Printable {
  if (typeof value !== "object" || value === null) return value;
  if ("items" in value) return { ...value, items: value.items.map((item) => withoutSecretNames(item)) };
  const hidden = NAMES.get(section);
  return {
    entries: value.entries.map(([key, child]) =>
      key === hidden && child !== "" ? [key, "<secret>"] : [key, withoutSecretNames(child, key)],
    ),
  };
}
